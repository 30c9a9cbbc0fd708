import { hash } from "node:crypto";
import type { ChecksumAlgorithm } from "./checksums.ts";
import type { Context } from "./context.ts";
import { type CopySource, findCopySource } from "./copy-source.ts";
import type { Reply } from "./reply.ts";
import { versionIdHeader } from "./version-headers.ts";

/** What a copy is made of. */
export interface CopiedContent {
  readonly source: CopySource;
  readonly contentId: number;
  readonly size: number;
  readonly checksum: CopiedChecksum;
}

interface CopiedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64. */
  readonly value: string;
}

/**
 * Copies what the request names: a content that shares the extents of its source, so that no byte is copied and all stay when
 * the source goes. `put` makes the part or the object of it, in a transaction.
 * What was found when the request came is held against what is there in the end; with another object in the place of the
 * source, that one is copied. Throws: as findCopySource does, at either time.
 */
export async function copyExtents(
  context: Context,
  algorithmFor: (source: CopySource) => ChecksumAlgorithm,
  put: (copied: CopiedContent) => Reply,
): Promise<Reply> {
  const { store } = context;
  for (;;) {
    const source = findCopySource(context);
    const algorithm = algorithmFor(source);
    const extents = store.contents.extentsWithin(source.object.contentId, source.range);
    const value = knownChecksum(source, algorithm) ?? (await store.checksums.of(extents, algorithm));
    const copied = store.commit(() => {
      if (findCopySource(context).object.contentId !== source.object.contentId) return undefined;
      const size = source.range.end - source.range.start;
      return put({ source, contentId: store.contents.add(extents), size, checksum: { algorithm, value } });
    });
    if (copied !== undefined) return copied;
  }
}

function knownChecksum({ object, range }: CopySource, algorithm: ChecksumAlgorithm): string | undefined {
  const { checksum, size } = object;
  const isKnown = checksum?.type === "FULL_OBJECT" && checksum.algorithm === algorithm;
  return isKnown && range.end - range.start === size ? checksum.value : undefined;
}

/** Nothing says that it is an MD5 of the bytes, which would have to be read: it is one of what is known of them. */
export function copiedEtag({ checksum, size }: CopiedContent): string {
  return hash("md5", `${checksum.algorithm} ${checksum.value} ${size}`, "hex");
}

/** Which version was copied, told of buckets that have versions. */
export function copySourceHeader({ bucket, object }: CopySource): Record<string, string> {
  const { "x-amz-version-id": versionId } = versionIdHeader(bucket, object.versionId);
  return versionId === undefined ? {} : { "x-amz-copy-source-version-id": versionId };
}

import { failedWith } from "../ball/errors.ts";
import { pinOf } from "../ball/pin.ts";
import type { PinnedSource, SourceReader } from "../ball/source.ts";
import { crc32FromParts } from "../crc32/crc32-from-parts.ts";
import type { KnownContents } from "../crc32/known-contents.ts";
import { contentOf } from "../crc32/recall-contents.ts";
import type { ObjectVersion } from "./object-version.ts";

export interface LearningContext {
  readonly reader: SourceReader;
  readonly contents: KnownContents;
}

/**
 * Keeps the CRC-32 of a version where S3 tells it, of the object or of its parts, without reading the object; asks no
 * more once it is known. A version that is gone by now, or may not be read, is left out; so is one without a version id
 * that stands behind others, which has to be asked for otherwise (creation/find-selections.ts).
 */
export async function learnToldCrc32(
  { reader, contents }: LearningContext,
  bucket: string,
  version: ObjectVersion,
): Promise<void> {
  const { key, sizeBytes } = version;
  if (sizeBytes === 0 || (await isKnown(contents, bucket, version))) return;
  const source: PinnedSource = { bucket, key, sizeBytes, pin: pinOf(version) };
  try {
    const object = await reader.describePinned(source);
    const crc32 =
      object.crc32 === "in parts" ? ((await crc32FromParts(reader, source)) ?? "not kept") : object.crc32;
    const content = contentOf({ ...object, crc32 });
    if (content !== undefined) await contents.keep(bucket, [content]);
  } catch (error) {
    if (!failedWith(error, "source-changed", "source-forbidden")) throw error;
  }
}

async function isKnown(contents: KnownContents, bucket: string, version: ObjectVersion): Promise<boolean> {
  const { key, etag, versionId, mtimeEpochSeconds } = version;
  const [known] = await contents.find(bucket, [{ key, pin: { kind: "etag", etag } }]);
  const { version: of } = known ?? {};
  // S3 calls a version without an id "null" where its bucket keeps versions, and nothing at all elsewhere.
  return of?.mtimeEpochSeconds === mtimeEpochSeconds && (of.versionId ?? "null") === (versionId ?? "null");
}

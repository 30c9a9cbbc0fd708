import { hash } from "node:crypto";
import { type ChecksumAlgorithm, checksumElement } from "../checksums.ts";
import { bucketOf, type Context, epochSeconds, isoTime, type Operation } from "../context.ts";
import { type CopySource, findCopySource } from "../copy-source.ts";
import { findUpload } from "../find-upload.ts";
import { partNumber } from "../part-number.ts";
import { type Reply, xmlReply } from "../reply.ts";
import type { Upload } from "../upload-table.ts";
import { versionIdHeader } from "../version-headers.ts";
import { xmlDocument } from "../xml.ts";

/**
 * UploadPartCopy. The part takes over extents of its source, no byte is copied. What was found when the request came is held
 * against what is there when the part is; with another object in the place of the source, that is copied.
 */
export const uploadPartCopy: Operation = async (context) => {
  const { store } = context;
  const number = partNumber(context.request);
  const { checksumAlgorithm } = findUpload(context, bucketOf(context));
  for (;;) {
    const source = findCopySource(context);
    const extents = store.contents.extentsWithin(source.object.contentId, source.range);
    const checksumValue = await store.checksums.of(extents, checksumAlgorithm);
    const copied = store.commit(() => {
      const upload = findUpload(context, bucketOf(context));
      if (findCopySource(context).object.contentId !== source.object.contentId) return undefined;
      const contentId = store.contents.add(extents);
      return putCopy(context, { upload, number, source, checksumValue, contentId });
    });
    if (copied !== undefined) return copied;
  }
};

interface Copy {
  readonly upload: Upload;
  readonly number: number;
  readonly source: CopySource;
  readonly checksumValue: string;
  readonly contentId: number;
}

function putCopy({ store, now }: Context, copy: Copy): Reply {
  const { upload, number, source, checksumValue, contentId } = copy;
  const size = source.range.end - source.range.start;
  const etag = copiedEtag(upload.checksumAlgorithm, checksumValue, size);
  const modifiedAt = epochSeconds(now());
  store.uploads.putPart(upload, { number, size, etag, checksumValue, modifiedAt, contentId });
  const document = xmlDocument("CopyPartResult", {
    LastModified: isoTime(modifiedAt),
    ETag: `"${etag}"`,
    ...(upload.isChecksumChosen ? checksumElement(upload.checksumAlgorithm, checksumValue) : {}),
  });
  const { "x-amz-version-id": versionId } = versionIdHeader(source.bucket, source.object.versionId);
  return xmlReply(document, versionId === undefined ? {} : { "x-amz-copy-source-version-id": versionId });
}

/** Nothing says that it is an MD5 of the bytes, which would have to be read: it is one of what is known of them. */
function copiedEtag(algorithm: ChecksumAlgorithm, checksumValue: string, size: number): string {
  return hash("md5", `${algorithm} ${checksumValue} ${size}`, "hex");
}

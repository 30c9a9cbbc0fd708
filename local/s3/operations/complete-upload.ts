import { z } from "zod";
import { assembledChecksum, assembledEtag } from "../assembled-digests.ts";
import { type Checksum, checksumElement, declaredChecksum } from "../checksums.ts";
import { chooseParts, type ListedPart } from "../choose-parts.ts";
import { checkWrite } from "../conditions.ts";
import { bucketOf, type Context, epochSeconds, keyOf, type Operation } from "../context.ts";
import { S3Error } from "../errors.ts";
import { findUpload } from "../find-upload.ts";
import { readDocument } from "../payload.ts";
import { type Reply, xmlReply } from "../reply.ts";
import { headerOf, type S3Request } from "../request.ts";
import type { Part } from "../upload-table.ts";
import { versionIdHeader } from "../version-headers.ts";
import { malformedXml, parseXml, xmlDocument } from "../xml.ts";

const mostDocumentBytes = 4 * 1024 * 1024;

const partElement = z.object({
  PartNumber: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number),
  ETag: z.string(),
  ChecksumCRC32: z.string().optional(),
  ChecksumCRC32C: z.string().optional(),
  ChecksumCRC64NVME: z.string().optional(),
  ChecksumSHA1: z.string().optional(),
  ChecksumSHA256: z.string().optional(),
});
const completeDocument = z.object({ Part: z.array(partElement).min(1) });

/** CompleteMultipartUpload. The object takes over the extents of its parts; no byte is copied. */
export const completeUpload: Operation = async (context) => {
  const { store } = context;
  findUpload(context, bucketOf(context));
  const listed = parseParts(await readDocument(context.payload(), mostDocumentBytes));
  return store.commit(() => complete(context, listed));
};

function complete(context: Context, listed: readonly ListedPart[]): Reply {
  const { request, store, now, announce } = context;
  const bucket = bucketOf(context);
  const key = keyOf(context);
  const upload = findUpload(context, bucket);
  const parts = chooseParts(upload, store.uploads.parts(upload), listed);
  const checksum = assembledChecksum(upload, parts);
  const size = sizeOf(parts);
  checkWhole(request, checksum, size);
  checkWrite(request, store.versions.latest(bucket, key));
  const etag = assembledEtag(parts);
  // The new content refers to the bodies before the parts let go of them.
  const contentId = store.contents.add(parts.flatMap((part) => store.contents.extentsOf(part.contentId)));
  store.contents.addParts(contentId, parts);
  store.uploads.remove(upload);
  const versionId = store.versions.put(bucket, {
    key,
    modifiedAt: epochSeconds(now()),
    size,
    etag,
    storageClass: upload.storageClass,
    checksum,
    contentId,
    headers: upload.headers,
  });
  announce(bucket, { kind: "created", reason: "CompleteMultipartUpload", key, versionId, size, etag });
  const document = xmlDocument("CompleteMultipartUploadResult", {
    Location: `/${bucket.name}/${key}`,
    Bucket: bucket.name,
    Key: key,
    ETag: `"${etag}"`,
    ...checksumElement(checksum.algorithm, checksum.value),
    ChecksumType: checksum.type,
  });
  return xmlReply(document, versionIdHeader(bucket, versionId));
}

function parseParts(document: Buffer): ListedPart[] {
  const parsed = completeDocument.safeParse(parseXml(document.toString(), "CompleteMultipartUpload"));
  if (!parsed.success) throw malformedXml();
  return parsed.data.Part.map(({ PartNumber: number, ETag, ...checksums }) => ({
    number,
    etag: ETag.replace(/^"|"$/g, ""),
    checksums: {
      CRC32: checksums.ChecksumCRC32,
      CRC32C: checksums.ChecksumCRC32C,
      CRC64NVME: checksums.ChecksumCRC64NVME,
      SHA1: checksums.ChecksumSHA1,
      SHA256: checksums.ChecksumSHA256,
    },
  }));
}

/**
 * What the client declares of the whole: a checksum of the upload's type, and its size.
 * Throws: S3Error BadDigest, InvalidRequest.
 */
function checkWhole(request: S3Request, checksum: Checksum, size: number): void {
  const type = headerOf(request, "x-amz-checksum-type")?.toUpperCase();
  if (type !== undefined && type !== checksum.type) {
    throw new S3Error(
      "InvalidRequest",
      `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const declared = declaredChecksum(request);
  if (
    declared !== undefined &&
    declared.algorithm === checksum.algorithm &&
    declared.value !== checksum.value
  ) {
    throw new S3Error(
      "BadDigest",
      `The ${checksum.algorithm.toLowerCase()} you specified did not match the calculated checksum.`,
    );
  }
  const declaredSize = headerOf(request, "x-amz-mp-object-size");
  if (declaredSize !== undefined && Number(declaredSize) !== size) {
    throw new S3Error(
      "InvalidRequest",
      `The provided 'x-amz-mp-object-size' header value ${declaredSize} does not match what was computed: ${size}`,
    );
  }
}

function sizeOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + part.size, 0);
}

import { checksumElement, parseChecksumAlgorithm } from "../checksums.ts";
import { checkWrite } from "../conditions.ts";
import { bucketOf, type Context, epochSeconds, isoTime, keyOf, type Operation } from "../context.ts";
import { type CopiedContent, copiedEtag, copyExtents, copySourceHeader } from "../copy-extents.ts";
import type { CopySource } from "../copy-source.ts";
import { S3Error } from "../errors.ts";
import { invalidArgument } from "../listing-parameters.ts";
import { describeObject, type ObjectDescription } from "../object-headers.ts";
import { type Reply, xmlReply } from "../reply.ts";
import { headerOf, type S3Request } from "../request.ts";
import { parseHeaders } from "../version.ts";
import { versionIdHeader } from "../version-headers.ts";
import { xmlDocument } from "../xml.ts";

/** CopyObject. */
export const copyObject: Operation = (context) => {
  const { request } = context;
  const description = describeObject(request);
  const isDescribedAnew = replacesMetadata(request);
  const asked = headerOf(request, "x-amz-checksum-algorithm");
  const algorithm = asked === undefined ? undefined : parseChecksumAlgorithm(asked);
  return copyExtents(
    context,
    ({ object }) => algorithm ?? object.checksum?.algorithm ?? "CRC64NVME",
    (copied) => {
      if (!isDescribedAnew) checkNotItself(context, copied.source, description);
      const headers = isDescribedAnew ? description.headers : parseHeaders(copied.source.object.headersJson);
      return put(context, copied, { ...description, headers });
    },
  );
};

function put(context: Context, copied: CopiedContent, description: ObjectDescription): Reply {
  const { request, store, now, announce } = context;
  const bucket = bucketOf(context);
  const key = keyOf(context);
  checkWrite(request, store.versions.latest(bucket, key));
  const { source, size, contentId } = copied;
  const checksum = { ...copied.checksum, type: "FULL_OBJECT" } as const;
  // That of an object that was put at once is an MD5 of its bytes, and so one of its copy's.
  const etag = source.object.etag.includes("-") ? copiedEtag(copied) : source.object.etag;
  const modifiedAt = epochSeconds(now());
  const object = { key, modifiedAt, size, etag, checksum, contentId, ...description };
  const versionId = store.versions.put(bucket, object);
  announce(bucket, { kind: "created", reason: "CopyObject", key, versionId, size, etag });
  const document = xmlDocument("CopyObjectResult", {
    LastModified: isoTime(modifiedAt),
    ETag: `"${etag}"`,
    ...checksumElement(checksum.algorithm, checksum.value),
    ChecksumType: checksum.type,
  });
  return xmlReply(document, { ...copySourceHeader(source), ...versionIdHeader(bucket, versionId) });
}

/** Whether the copy is described by the request, and not by its source. Throws: S3Error InvalidArgument. */
function replacesMetadata(request: S3Request): boolean {
  const directive = headerOf(request, "x-amz-metadata-directive") ?? "COPY";
  if (directive === "COPY" || directive === "REPLACE") return directive === "REPLACE";
  throw invalidArgument("x-amz-metadata-directive", directive, "Unknown metadata directive.");
}

/** Throws: S3Error InvalidRequest for a copy of an object to itself that changes nothing. */
function checkNotItself(context: Context, source: CopySource, { storageClass }: ObjectDescription): void {
  const { object } = source;
  const isItself = source.bucket.id === bucketOf(context).id && object.key === keyOf(context);
  if (!isItself || !object.isLatest || storageClass !== object.storageClass) return;
  throw new S3Error(
    "InvalidRequest",
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}

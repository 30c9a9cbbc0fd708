import { checksumElement } from "../checksums.ts";
import { bucketOf, isoTime, keyOf, type Operation } from "../context.ts";
import { findUpload } from "../find-upload.ts";
import { afterMarker, afterPrefix, laterKey, listPage } from "../listing.ts";
import { parseLimit, parseListing } from "../listing-parameters.ts";
import { owner } from "../owner.ts";
import { parsePartMarker } from "../part-number.ts";
import { xmlReply } from "../reply.ts";
import type { Upload } from "../upload-table.ts";
import { type XmlElements, xmlDocument } from "../xml.ts";

/** AbortMultipartUpload. */
export const abortUpload: Operation = (context) => {
  const { store } = context;
  store.commit(() => store.uploads.remove(findUpload(context, bucketOf(context))));
  return { status: 204 };
};

/** ListParts. */
export const listParts: Operation = (context) => {
  const { request, store } = context;
  const bucket = bucketOf(context);
  const upload = findUpload(context, bucket);
  const maxParts = parseLimit("max-parts", request.query.get("max-parts"));
  const marker = parsePartMarker("part-number-marker", request.query.get("part-number-marker") || undefined);
  const found = store.uploads.parts(upload, marker, maxParts + 1);
  const parts = found.slice(0, maxParts);
  return xmlReply(
    xmlDocument("ListPartsResult", {
      Bucket: bucket.name,
      Key: keyOf(context),
      UploadId: upload.uploadId,
      Initiator: owner,
      Owner: owner,
      StorageClass: upload.storageClass,
      PartNumberMarker: marker,
      NextPartNumberMarker: parts.at(-1)?.number ?? 0,
      MaxParts: maxParts,
      IsTruncated: found.length > parts.length,
      ...chosenChecksum(upload),
      Part: parts.map((part) => ({
        PartNumber: part.number,
        LastModified: isoTime(part.modifiedAt),
        ETag: `"${part.etag}"`,
        Size: part.size,
        ...(upload.isChecksumChosen ? checksumElement(upload.checksumAlgorithm, part.checksumValue) : {}),
      })),
    }),
  );
};

/** ListMultipartUploads. */
export const listUploads: Operation = (context) => {
  const { request, store } = context;
  const bucket = bucketOf(context);
  const parameters = parseListing(request, "max-uploads");
  const { prefix, delimiter, maxKeys, encodingType, encode } = parameters;
  const keyMarker = request.query.get("key-marker") ?? "";
  const uploadIdMarker = keyMarker === "" ? "" : (request.query.get("upload-id-marker") ?? "");
  const marked = store.uploads.find(bucket, keyMarker, uploadIdMarker);
  const behindMarker = keyMarker === "" ? prefix : afterMarker(keyMarker, prefix, delimiter);
  const until = afterPrefix(prefix);
  const page = listPage(
    { ...parameters, from: laterKey(marked === undefined ? behindMarker : keyMarker, prefix) },
    (from) => store.uploads.scan(bucket, { from, until }, from === marked?.key ? marked.id : 0),
  );
  return xmlReply(
    xmlDocument("ListMultipartUploadsResult", {
      Bucket: bucket.name,
      KeyMarker: encode(keyMarker),
      UploadIdMarker: uploadIdMarker,
      NextKeyMarker: page.last === undefined ? undefined : encode(page.last.key),
      NextUploadIdMarker: page.last?.entry?.uploadId,
      Prefix: encode(prefix),
      Delimiter: delimiter === "" ? undefined : encode(delimiter),
      EncodingType: encodingType,
      MaxUploads: maxKeys,
      IsTruncated: page.last !== undefined,
      Upload: page.entries.map((upload) => ({
        UploadId: upload.uploadId,
        Key: encode(upload.key),
        Initiated: isoTime(upload.initiatedAt),
        StorageClass: upload.storageClass,
        Initiator: owner,
        Owner: owner,
        ...chosenChecksum(upload),
      })),
      CommonPrefixes: page.commonPrefixes.map((commonPrefix) => ({ Prefix: encode(commonPrefix) })),
    }),
  );
};

function chosenChecksum(upload: Upload): XmlElements {
  if (!upload.isChecksumChosen) return {};
  return { ChecksumAlgorithm: upload.checksumAlgorithm, ChecksumType: upload.checksumType };
}

import { type ChecksumAlgorithm, type ChecksumType, isCrc, parseChecksumAlgorithm } from "../checksums.ts";
import { bucketOf, epochSeconds, keyOf, type Operation } from "../context.ts";
import { S3Error } from "../errors.ts";
import { describeObject } from "../object-headers.ts";
import { xmlReply } from "../reply.ts";
import { headerOf, type S3Request } from "../request.ts";
import { xmlDocument } from "../xml.ts";

/** CreateMultipartUpload. */
export const createUpload: Operation = (context) => {
  const { request, store, now } = context;
  const bucket = bucketOf(context);
  const key = keyOf(context);
  const description = describeObject(request);
  const checksum = chosenChecksum(request);
  const uploadId = store.commit(() =>
    store.uploads.create(bucket, {
      key,
      initiatedAt: epochSeconds(now()),
      ...description,
      checksumAlgorithm: checksum?.algorithm ?? "CRC64NVME",
      checksumType: checksum?.type ?? "FULL_OBJECT",
      isChecksumChosen: checksum !== undefined,
    }),
  );
  const document = xmlDocument("InitiateMultipartUploadResult", {
    Bucket: bucket.name,
    Key: key,
    UploadId: uploadId,
  });
  if (checksum === undefined) return xmlReply(document);
  return xmlReply(document, {
    "x-amz-checksum-algorithm": checksum.algorithm,
    "x-amz-checksum-type": checksum.type,
  });
};

/** The algorithm and type a client wants for its upload; "Checking object integrity" tells which go together. */
function chosenChecksum(
  request: S3Request,
): { algorithm: ChecksumAlgorithm; type: ChecksumType } | undefined {
  const name = headerOf(request, "x-amz-checksum-algorithm");
  const type = headerOf(request, "x-amz-checksum-type")?.toUpperCase();
  if (name === undefined) {
    if (type === undefined) return undefined;
    throw new S3Error(
      "InvalidRequest",
      "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
    );
  }
  const algorithm = parseChecksumAlgorithm(name);
  const chosen = type ?? (algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE");
  if (chosen === "COMPOSITE" && algorithm !== "CRC64NVME") return { algorithm, type: chosen };
  if (chosen === "FULL_OBJECT" && isCrc(algorithm)) return { algorithm, type: chosen };
  throw new S3Error(
    "InvalidRequest",
    `The ${chosen} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  );
}

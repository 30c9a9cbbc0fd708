import type { ChecksumAlgorithm } from "./checksums.ts";
import { S3Error } from "./errors.ts";
import type { Part, Upload } from "./upload-table.ts";

/** A part as a client lists it to complete an upload. */
export interface ListedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksums: Readonly<Record<ChecksumAlgorithm, string | undefined>>;
}

/** Every part but the last has at least 5 MiB ("Amazon S3 multipart upload limits"). */
const leastPartBytes = 5 * 1024 * 1024;

/**
 * The uploaded parts a client lists, in its order; those it leaves out are forgotten.
 * Throws: S3Error InvalidPartOrder, InvalidPart, EntityTooSmall, InvalidRequest for a missing checksum.
 */
export function chooseParts(
  upload: Upload,
  uploaded: readonly Part[],
  listed: readonly ListedPart[],
): Part[] {
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  const chosen = listed.map((entry, index) => {
    const before = listed[index - 1];
    if (before !== undefined && before.number >= entry.number) throw wrongOrder(upload);
    const part = byNumber.get(entry.number);
    if (part === undefined || part.etag !== entry.etag) throw invalidPart(upload, entry);
    checkPartChecksum(upload, part, entry);
    return part;
  });
  const small = chosen.slice(0, -1).find((part) => part.size < leastPartBytes);
  if (small === undefined) return chosen;
  throw new S3Error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", {
    details: {
      ETag: small.etag,
      MinSizeAllowed: String(leastPartBytes),
      ProposedSize: String(small.size),
      PartNumber: String(small.number),
    },
  });
}

function checkPartChecksum(upload: Upload, part: Part, entry: ListedPart): void {
  const declared = entry.checksums[upload.checksumAlgorithm];
  if (declared === part.checksumValue) return;
  if (declared !== undefined) throw invalidPart(upload, entry);
  if (upload.checksumType === "FULL_OBJECT") return;
  const algorithm = upload.checksumAlgorithm.toLowerCase();
  throw new S3Error(
    "InvalidRequest",
    `The upload was created using a ${algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${part.number} in the request.`,
  );
}

function wrongOrder(upload: Upload): S3Error {
  return new S3Error(
    "InvalidPartOrder",
    "The list of parts was not in ascending order. Parts must be ordered by part number.",
    { details: { UploadId: upload.uploadId } },
  );
}

function invalidPart(upload: Upload, entry: ListedPart): S3Error {
  return new S3Error(
    "InvalidPart",
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { details: { UploadId: upload.uploadId, PartNumber: String(entry.number), ETag: entry.etag } },
  );
}

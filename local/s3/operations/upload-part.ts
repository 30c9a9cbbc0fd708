import { checksumHeader, declaredChecksum } from "../checksums.ts";
import { bucketOf, epochSeconds, type Operation } from "../context.ts";
import { S3Error } from "../errors.ts";
import { findUpload } from "../find-upload.ts";
import { partNumber } from "../part-number.ts";
import { receiveBody } from "../receive-body.ts";
import type { S3Request } from "../request.ts";
import type { Upload } from "../upload-table.ts";

/** UploadPart. */
export const uploadPart: Operation = async (context) => {
  const { request, store, now } = context;
  const number = partNumber(request);
  const upload = findUpload(context, bucketOf(context));
  checkAlgorithm(request, upload);
  const body = await receiveBody(context, upload.checksumAlgorithm);
  return store.commitBody(body, (contentId) => {
    // The upload may have been completed or aborted while the body came.
    store.uploads.putPart(findUpload(context, bucketOf(context)), {
      number,
      size: body.size,
      etag: body.md5,
      checksumValue: body.checksum.value,
      modifiedAt: epochSeconds(now()),
      contentId,
    });
    const checksum = { [checksumHeader(body.checksum.algorithm)]: body.checksum.value };
    return { status: 200, headers: { etag: `"${body.md5}"`, ...checksum } };
  });
};

/**
 * A part's checksum is of its upload's algorithm. A composite of an algorithm the client named needs it of each part;
 * of a full object S3 computes it itself.
 */
function checkAlgorithm(request: S3Request, upload: Upload): void {
  const declared = declaredChecksum(request)?.algorithm;
  const expected = upload.isChecksumChosen ? upload.checksumAlgorithm : undefined;
  if (declared === expected) return;
  if (declared === undefined && upload.checksumType === "FULL_OBJECT") return;
  throw new S3Error(
    "InvalidRequest",
    `Checksum Type mismatch occurred, expected checksum Type: ${expected?.toLowerCase() ?? "null"}, actual checksum Type: ${declared?.toLowerCase() ?? "null"}`,
  );
}

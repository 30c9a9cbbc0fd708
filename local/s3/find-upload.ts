import type { Bucket } from "./bucket-table.ts";
import { type Context, keyOf } from "./context.ts";
import { S3Error } from "./errors.ts";
import type { Upload } from "./upload-table.ts";

/** The upload a request names with its key and `uploadId`. Throws: S3Error NoSuchUpload. */
export function findUpload(context: Context, bucket: Bucket): Upload {
  const uploadId = context.request.query.get("uploadId") ?? "";
  const upload = context.store.uploads.find(bucket, keyOf(context), uploadId);
  if (upload !== undefined) return upload;
  throw new S3Error(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { details: { UploadId: uploadId } },
  );
}

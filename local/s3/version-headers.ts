import type { Bucket } from "./bucket-table.ts";

/** S3 tells version ids of buckets that are, or once were, versioned. */
export function versionIdHeader(bucket: Bucket, versionId: string): Record<string, string> {
  return bucket.versioning === "Unversioned" ? {} : { "x-amz-version-id": versionId };
}

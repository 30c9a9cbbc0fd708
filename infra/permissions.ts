import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { SourceBucket } from "./storage.ts";

/**
 * Lists objects and their versions. Whoever reads without it is answered 403 by S3 where an object, or a version of it,
 * does not exist: what is gone could not be told from what is forbidden.
 *
 * Source: S3 API reference, "GetObject", Permissions.
 */
export const listsBuckets = (buckets: readonly SourceBucket[]): PolicyStatement =>
  onBuckets(buckets, ["ListBucket", "ListBucketVersions"]);

/** Lists versions alone, for who reads no object. */
export const listsVersions = (buckets: readonly SourceBucket[]): PolicyStatement =>
  onBuckets(buckets, ["ListBucketVersions"]);

/** HEAD and GET, of the newest version and of a pinned one, and the checksums of their parts. */
export const readsObjects = (buckets: readonly SourceBucket[]): PolicyStatement =>
  new PolicyStatement({
    actions: ["GetObject", "GetObjectVersion", "GetObjectAttributes", "GetObjectVersionAttributes"].map(
      (operation) => `s3:${operation}`,
    ),
    resources: buckets.map((bucket) => `${bucket.arn}/*`),
  });

/** DynamoDB operations on the items of one table. */
export const onTable = (table: TableV2, operations: readonly string[]): PolicyStatement =>
  new PolicyStatement({
    actions: operations.map((operation) => `dynamodb:${operation}`),
    resources: [table.tableArn],
  });

const onBuckets = (buckets: readonly SourceBucket[], operations: readonly string[]): PolicyStatement =>
  new PolicyStatement({
    actions: operations.map((operation) => `s3:${operation}`),
    resources: buckets.map((bucket) => bucket.arn),
  });

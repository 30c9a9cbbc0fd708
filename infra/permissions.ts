import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { SourceBucket } from "./storage.ts";

/** Without it S3 answers 403 where an object does not exist, so that 404 could not be told from forbidden. */
export const listsObjects = (buckets: readonly SourceBucket[]): PolicyStatement =>
  onBuckets(buckets, ["ListBucket"]);

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

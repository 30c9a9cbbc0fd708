import { Aws } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Queue } from "aws-cdk-lib/aws-sqs";
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

/** HEAD and GET, of the newest version and of a pinned one, copying them elsewhere, and the checksums of their parts. */
export const readsObjects = (buckets: readonly SourceBucket[]): PolicyStatement =>
  new PolicyStatement({
    actions: ["GetObject", "GetObjectVersion", "GetObjectAttributes", "GetObjectVersionAttributes"].map(
      (operation) => `s3:${operation}`,
    ),
    resources: buckets.map((bucket) => `${bucket.arn}/*`),
  });

/** What reading takes beside that where objects are encrypted with customer managed keys; none without keys. */
export const decryptsWith = (keyArns: readonly string[]): PolicyStatement[] => byS3(keyArns, ["Decrypt"]);

/**
 * Makes archives of parts, uploaded and copied, and removes what failed. It lists for the same reason as readers do: to
 * tell what is gone from what is forbidden.
 *
 * Source: S3 user guide, "Multipart upload API and permissions", with those on the key: parts are decrypted to be joined.
 */
export const writesArchives = (archives: Bucket): PolicyStatement[] => [
  onBuckets([{ arn: archives.bucketArn }], ["ListBucket", "ListBucketMultipartUploads"]),
  new PolicyStatement({
    actions: [
      "GetObject",
      "PutObject",
      "DeleteObject",
      "AbortMultipartUpload",
      "ListMultipartUploadParts",
    ].map((operation) => `s3:${operation}`),
    resources: [archives.arnForObjects("*")],
  }),
  ...byS3(keysOf(archives), ["Decrypt", "GenerateDataKey"]),
];

/** For links: S3 judges whoever has one by what the role may do that signed it. */
export const readsArchives = (archives: Bucket): PolicyStatement[] => [
  new PolicyStatement({ actions: ["s3:GetObject"], resources: [archives.arnForObjects("*")] }),
  ...byS3(keysOf(archives), ["Decrypt"]),
];

/** DynamoDB operations on the items of one table. */
export const onTable = (table: TableV2, operations: readonly string[]): PolicyStatement =>
  new PolicyStatement({
    actions: operations.map((operation) => `dynamodb:${operation}`),
    resources: [table.tableArn],
  });

/** Puts messages into a queue; what it takes to receive them comes with the event source. */
export const sendsTo = (queue: Queue): PolicyStatement =>
  new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [queue.queueArn] });

const onBuckets = (
  buckets: readonly Pick<SourceBucket, "arn">[],
  operations: readonly string[],
): PolicyStatement =>
  new PolicyStatement({
    actions: operations.map((operation) => `s3:${operation}`),
    resources: buckets.map((bucket) => bucket.arn),
  });

const keysOf = ({ encryptionKey }: Bucket): string[] =>
  encryptionKey === undefined ? [] : [encryptionKey.keyArn];

/** KMS operations that S3 asks for with a role's rights, and none that the role asks for by itself. */
const byS3 = (keyArns: readonly string[], operations: readonly string[]): PolicyStatement[] =>
  keyArns.length === 0
    ? []
    : [
        new PolicyStatement({
          actions: operations.map((operation) => `kms:${operation}`),
          resources: [...keyArns],
          conditions: { StringEquals: { "kms:ViaService": `s3.${Aws.REGION}.amazonaws.com` } },
        }),
      ];

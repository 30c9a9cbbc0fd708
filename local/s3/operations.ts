import type { Operation } from "./context.ts";
import { notImplemented, S3Error } from "./errors.ts";
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
  putBucketVersioning,
} from "./operations/buckets.ts";
import { completeUpload } from "./operations/complete-upload.ts";
import { copyObject } from "./operations/copy-object.ts";
import { createUpload } from "./operations/create-upload.ts";
import { deleteObject, deleteObjects } from "./operations/delete-object.ts";
import { getObject, headObject } from "./operations/get-object.ts";
import { getObjectAttributes } from "./operations/get-object-attributes.ts";
import { listObjectVersions } from "./operations/list-object-versions.ts";
import { listObjects, listObjectsV2 } from "./operations/list-objects.ts";
import { getBucketNotification, putBucketNotification } from "./operations/notifications.ts";
import { putObject } from "./operations/put-object.ts";
import { uploadPart } from "./operations/upload-part.ts";
import { uploadPartCopy } from "./operations/upload-part-copy.ts";
import { abortUpload, listParts, listUploads } from "./operations/uploads.ts";
import type { S3Request } from "./request.ts";

/**
 * Every operation of this server: the method, what it is about, and the parameters, and the header of a copy, that tell
 * it from its neighbours on the same address, sorted.
 */
const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["GET service", listBuckets],

  ["PUT bucket", createBucket],
  ["HEAD bucket", headBucket],
  ["DELETE bucket", deleteBucket],
  ["GET bucket location", getBucketLocation],
  ["GET bucket versioning", getBucketVersioning],
  ["PUT bucket versioning", putBucketVersioning],
  ["GET bucket notification", getBucketNotification],
  ["PUT bucket notification", putBucketNotification],
  ["GET bucket", listObjects],
  ["GET bucket list-type", listObjectsV2],
  ["GET bucket versions", listObjectVersions],
  ["GET bucket uploads", listUploads],
  ["POST bucket delete", deleteObjects],

  ["PUT object", putObject],
  ["PUT object x-amz-copy-source", copyObject],
  ["GET object", getObject],
  ["HEAD object", headObject],
  ["GET object attributes", getObjectAttributes],
  ["DELETE object", deleteObject],

  ["POST object uploads", createUpload],
  ["PUT object partNumber uploadId", uploadPart],
  ["PUT object partNumber uploadId x-amz-copy-source", uploadPartCopy],
  ["GET object uploadId", listParts],
  ["POST object uploadId", completeUpload],
  ["DELETE object uploadId", abortUpload],
]);

/** The parameters that choose an operation in S3; any other only shapes the answer. */
const choosing: ReadonlySet<string> = new Set([
  "accelerate",
  "acl",
  "analytics",
  "annotation",
  "attributes",
  "cors",
  "delete",
  "encryption",
  "intelligent-tiering",
  "inventory",
  "legal-hold",
  "lifecycle",
  "list-type",
  "location",
  "logging",
  "metadataConfiguration",
  "metadataTable",
  "metrics",
  "notification",
  "object-lock",
  "ownershipControls",
  "partNumber",
  "policy",
  "policyStatus",
  "publicAccessBlock",
  "renameObject",
  "replication",
  "requestPayment",
  "restore",
  "retention",
  "select",
  "session",
  "tagging",
  "torrent",
  "uploadId",
  "uploads",
  "versioning",
  "versions",
  "website",
]);

const methods = new Set(["GET", "HEAD", "PUT", "POST", "DELETE"]);

/** Throws: S3Error NotImplemented for what S3 has and this server has not, MethodNotAllowed for what S3 has not. */
export function operationFor({ method, bucket, key, parameters, headers }: S3Request): Operation {
  const about = key !== undefined ? "object" : bucket !== undefined ? "bucket" : "service";
  const chosen = parameters.map(([name]) => name).filter((name) => choosing.has(name));
  const isCopy = about === "object" && method === "PUT" && headers["x-amz-copy-source"] !== undefined;
  const choice = [method, about, ...chosen.sort(), ...(isCopy ? ["x-amz-copy-source"] : [])];
  const operation = operations.get(choice.join(" "));
  if (operation !== undefined) return operation;
  if (methods.has(method)) throw notImplemented();
  throw new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.");
}

import { HeadObjectCommand } from "@aws-sdk/client-s3";
import type { Pin } from "../../lambdas/ball/pin.ts";
import { createKnownContents } from "../../lambdas/storage/dynamodb/known-contents.ts";
import { catalogTable } from "../../local/tables.ts";
import type { TestStack } from "./test-stack.ts";

/** Keeps a wrong CRC-32 of an object, under all that it may be looked up by. */
export async function keepWrongCrc32({ s3, bucket, dynamoDb }: TestStack, key: string): Promise<void> {
  const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  const { ETag: etag = "", VersionId: versionId, LastModified } = head;
  const version = { versionId, mtimeEpochSeconds: Math.floor((LastModified?.getTime() ?? 0) / 1000) };
  const pins: Pin[] = [{ kind: "etag", etag }];
  if (versionId !== undefined && versionId !== "null") pins.push({ kind: "version", versionId });
  const wrong = pins.map((pin) => ({ key, pin, version, crc32: 0x1234_5678 }));
  await createKnownContents(dynamoDb, catalogTable).keep(bucket, wrong);
}

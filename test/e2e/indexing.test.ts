import { DeleteObjectCommand, PutBucketVersioningCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createCatalogStore } from "../../lambdas/storage/dynamodb/catalog-store.ts";
import { catalogTable } from "../../local/tables.ts";
import { startTestStack, type TestStack } from "./test-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.close());

const soon = { timeout: 15_000, interval: 50 };

/** What the catalog's table holds of a path; nobody is asked to look for what it does not hold. */
const catalogued = (key: string) =>
  createCatalogStore(stack.dynamoDb, catalogTable).versionsOf(stack.bucket, key);
const numbersOf = async (key: string) => (await catalogued(key)).map(({ number }) => number);

async function put(Key: string, Body: string) {
  return await stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));
}

/** An event of an upload, as it might have come late or a second time. */
async function tellAgain(key: string, etag: string): Promise<void> {
  const { endpoint, objectEventsQueueUrl: QueueUrl } = stack.sqs;
  const client = new SQSClient({ endpoint, region: "us-east-1", credentials: stack.credentials });
  const detail = { bucket: { name: stack.bucket }, object: { key, etag: etag.replaceAll('"', "") } };
  const event = { source: "aws.s3", "detail-type": "Object Created", detail };
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) }));
  client.destroy();
}

test("an upload is in the catalog soon, though nobody asked for it", async () => {
  const { ETag } = await put("reports/ü 🎈.txt", "hello");
  await vi.waitFor(async () => expect(await numbersOf("reports/ü 🎈.txt")).toEqual([1]), soon);
  expect(await catalogued("reports/ü 🎈.txt")).toMatchObject([{ etag: ETag, sizeBytes: 5 }]);
});

test("what the bucket is filled with at the start is in the catalog soon", async () => {
  await vi.waitFor(async () => expect(await numbersOf("sample/readme.txt")).toEqual([1]), soon);
});

test("an event that comes twice, or after its object is gone, changes nothing", async () => {
  const { ETag = "" } = await put("twice", "x");
  await vi.waitFor(async () => expect(await numbersOf("twice")).toEqual([1]), soon);
  const before = await catalogued("twice");
  await tellAgain("twice", ETag);
  await tellAgain("gone", ETag);
  await put("after", "x");
  await vi.waitFor(async () => expect(await numbersOf("after")).toEqual([1]), soon);
  expect(await catalogued("twice")).toEqual(before);
  expect(await catalogued("gone")).toEqual([]);
  expect(stack.failures).toEqual([]);
});

test("every version gets its number; a deletion marker gets none", async () => {
  const { bucket: Bucket } = stack;
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await stack.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const ids: (string | undefined)[] = [];
  for (const body of ["one", "two"]) ids.push((await put("kept", body)).VersionId);
  await stack.s3.send(new DeleteObjectCommand({ Bucket, Key: "kept" }));
  ids.push((await put("kept", "three")).VersionId);
  await vi.waitFor(async () => expect(await numbersOf("kept")).toEqual([1, 2, 3]), soon);
  expect((await catalogued("kept")).map(({ versionId }) => versionId)).toEqual(ids);
});

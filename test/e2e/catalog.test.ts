import { crc32 } from "node:zlib";
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { objectsAnswer } from "../../lambdas/api/bitpaket/schemas.ts";
import { createCatalogStore } from "../../lambdas/storage/dynamodb/catalog-store.ts";
import { createKnownContents } from "../../lambdas/storage/dynamodb/known-contents.ts";
import { createVersionLister } from "../../lambdas/storage/s3/version-lister.ts";
import { catalogTable } from "../../local/tables.ts";
import { startIndex } from "../cli/run-index.ts";
import { startTestStack, type TestStack } from "./test-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.close());

const soon = { timeout: 15_000, interval: 50 };
const catalogued = (bucket: string, key: string) =>
  createCatalogStore(stack.dynamoDb, catalogTable).versionsOf(bucket, key);

test("what S3 tells of an upload is known before anybody asks, its CRC-32 too", async () => {
  const { bucket: Bucket } = stack;
  const { ETag: etag = "" } = await stack.s3.send(
    new PutObjectCommand({ Bucket, Key: "a/new.txt", Body: "some data" }),
  );
  const contents = createKnownContents(stack.dynamoDb, catalogTable);
  const find = () => contents.find(Bucket, [{ key: "a/new.txt", pin: { kind: "etag", etag } }]);
  await vi.waitFor(async () => expect(await find()).toMatchObject([{ crc32: crc32("some data") }]), soon);

  const answer = await fetch(`${stack.api}/v2/metadata`, {
    method: "POST",
    headers: { Authorization: `Bearer ${stack.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ path: "/a/new.txt" }),
  });
  const { objects } = objectsAnswer.parse(await answer.json()).data;
  const [{ id = undefined } = {}] = await catalogued(Bucket, "a/new.txt");
  const crc32Text = crc32("some data").toString(16).padStart(8, "0");
  expect(objects).toMatchObject([{ object_id: id, properties: { crc32: crc32Text } }]);
});

test("uploads of one path that come all at once are numbered in S3's order", async () => {
  const { bucket: Bucket } = stack;
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await stack.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const bodies = Array.from({ length: 24 }, (_, index) => `upload ${index}`);
  await Promise.all(
    bodies.map((Body) => stack.s3.send(new PutObjectCommand({ Bucket, Key: "a/at-once", Body }))),
  );
  await vi.waitFor(async () => expect(await catalogued(Bucket, "a/at-once")).toHaveLength(24), soon);
  const listed = await createVersionLister(stack.s3).versionsOf(Bucket, "a/at-once");
  const versions = await catalogued(Bucket, "a/at-once");
  expect(versions.map(({ versionId }) => versionId)).toEqual(
    listed.toReversed().map(({ versionId }) => versionId),
  );
  expect(versions.map(({ number }) => number)).toEqual(bodies.map((_, index) => index + 1));
});

test("npm run index brings in a bucket that tells of nothing", async () => {
  await stack.s3.send(new CreateBucketCommand({ Bucket: "from-before" }));
  for (const Key of ["a", "b", "c/d"]) {
    await stack.s3.send(new PutObjectCommand({ Bucket: "from-before", Key, Body: Key }));
  }
  const { exitCode, stderr } = await startIndex(["--data", stack.dataDir, "--bucket", "from-before"], {})
    .ended;
  expect(stderr).toContain("from-before/: 3 objects, 3 versions, 3 new");
  expect(exitCode).toBe(0);
  expect(await catalogued("from-before", "c/d")).toMatchObject([{ number: 1, sizeBytes: 3 }]);
});

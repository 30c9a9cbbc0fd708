import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { expect, test } from "vitest";
import { createCatalog } from "../../lambdas/catalog/catalog.ts";
import { type IndexContext, indexUpload, type ObjectUpload } from "../../lambdas/catalog/index-upload.ts";
import { createCatalogStore } from "../../lambdas/storage/dynamodb/catalog-store.ts";
import { createKnownContents } from "../../lambdas/storage/dynamodb/known-contents.ts";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { createVersionLister } from "../../lambdas/storage/s3/version-lister.ts";
import { catalogTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";

const s3 = testS3();
const dynamodb = testDynamodb();

/** What the indexer works with, and the names of what it asks of S3. */
function newContext(): { context: IndexContext; asked: string[] } {
  const client = s3().newClient();
  const asked: string[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        asked.push(String(commandName).replace("Command", ""));
        return next(args);
      },
    { step: "initialize" },
  );
  const dynamoDb = dynamodb().newClient();
  const store = createCatalogStore(dynamoDb, catalogTable);
  const context = {
    catalog: createCatalog({ store, lister: createVersionLister(client) }),
    contents: createKnownContents(dynamoDb, catalogTable),
    reader: createSourceReader(client),
  };
  return { context, asked };
}

async function put(bucket: string, key: string, body: string): Promise<ObjectUpload> {
  const answer = await s3().client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  const versionId = answer.VersionId === "null" ? undefined : answer.VersionId;
  return { bucket, key, versionId, etag: answer.ETag ?? "" };
}

const knownOf = ({ contents }: IndexContext, { bucket, key, etag }: ObjectUpload) =>
  contents.find(bucket, [{ key, pin: { kind: "etag", etag } }]);

test.each([{ versioning: "Enabled" } as const, undefined])(
  "an upload is numbered, and its CRC-32 kept without reading it (%o)",
  async (options) => {
    const bucket = await s3().newBucket(options);
    const upload = await put(bucket, "a", "some data");
    const { context, asked } = newContext();
    await indexUpload(context, upload);
    expect(asked).toEqual(["ListObjectVersions", "HeadObject"]);
    const [version] = await context.catalog.versionsOf(bucket, "a");
    expect(version).toMatchObject({ number: 1, versionId: upload.versionId });
    expect(await knownOf(context, upload)).toMatchObject([
      {
        crc32: crc32("some data"),
        version: { versionId: upload.versionId, mtimeEpochSeconds: version?.mtimeEpochSeconds },
      },
    ]);
  },
);

const everyKind = [undefined, { versioning: "Enabled" } as const, { versioning: "Suspended" } as const];

test.each(everyKind)("the same event again asks for no more than a listing (%o)", async (options) => {
  const upload = await put(await s3().newBucket(options), "a", "some data");
  const { context, asked } = newContext();
  await indexUpload(context, upload);
  asked.length = 0;
  await indexUpload(context, upload);
  expect(asked).toEqual(["ListObjectVersions"]);
});

test("the CRC-32 of an upload in parts is put together from those of its parts", async () => {
  const Bucket = await s3().newBucket({ versioning: "Enabled" });
  const Body = randomBytes(11 * 1024 * 1024);
  const params = { Bucket, Key: "large", Body, ChecksumAlgorithm: "CRC32" } as const;
  const { VersionId, ETag = "" } = await new Upload({ client: s3().client, params }).done();
  const { context, asked } = newContext();
  const upload = { bucket: Bucket, key: "large", versionId: VersionId, etag: ETag };
  await indexUpload(context, upload);
  expect(asked).toEqual(["ListObjectVersions", "HeadObject", "GetObjectAttributes"]);
  expect(await knownOf(context, upload)).toMatchObject([{ crc32: crc32(Body) }]);
});

test("an object of which S3 keeps no CRC-32 is numbered, and not read", async () => {
  const bucket = await s3().newBucket();
  const command = { Bucket: bucket, Key: "a", Body: "data", ChecksumAlgorithm: "CRC64NVME" } as const;
  const { ETag = "" } = await s3().client.send(new PutObjectCommand(command));
  const { context, asked } = newContext();
  const upload = { bucket, key: "a", versionId: undefined, etag: ETag };
  await indexUpload(context, upload);
  expect(asked).toEqual(["ListObjectVersions", "HeadObject"]);
  expect(await knownOf(context, upload)).toEqual([]);
});

test("an empty object is numbered, and nothing asked: its CRC-32 is 0", async () => {
  const upload = await put(await s3().newBucket(), "a", "");
  const { context, asked } = newContext();
  await indexUpload(context, upload);
  expect(asked).toEqual(["ListObjectVersions"]);
});

test("an object that is gone by the time is no error, and is not counted", async () => {
  const bucket = await s3().newBucket({ versioning: "Enabled" });
  const upload = await put(bucket, "a", "gone");
  await s3().client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "a", VersionId: upload.versionId }));
  const { context } = newContext();
  await indexUpload(context, upload);
  expect(await context.catalog.versionsOf(bucket, "a")).toEqual([]);
  await indexUpload(context, await put(bucket, "a", "there"));
  expect(await context.catalog.versionsOf(bucket, "a")).toMatchObject([{ number: 1, sizeBytes: 5 }]);
});

test("an object that goes between the listing and the question for its CRC-32 is no error", async () => {
  const bucket = await s3().newBucket();
  const upload = await put(bucket, "a", "first");
  const { context } = newContext();
  const replaced = { ...context, reader: { ...context.reader } };
  replaced.reader.describePinned = async (source) => {
    await put(bucket, "a", "second");
    return await context.reader.describePinned(source);
  };
  await indexUpload(replaced, upload);
  expect(await knownOf(context, upload)).toEqual([]);
});

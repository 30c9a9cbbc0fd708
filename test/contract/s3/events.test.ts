import { hash } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketNotificationConfigurationCommand,
  GetObjectCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { createBucket, credentials, region, startServer } from "../../local/s3/local-server.ts";
import { refusal } from "./server-under-test.ts";

const accountId = z.string().regex(/^\d{12}$/);
const sequencer = z.string().regex(/^[0-9A-F]{18}$/);
const md5 = z.string().regex(/^[0-9a-f]{32}(-\d+)?$/);
const versionId = z.string().regex(/^[\w.-]{32}$/);
const change = z.strictObject({
  version: z.literal("0"),
  id: z.uuid(),
  source: z.literal("aws.s3"),
  account: accountId,
  time: z.iso.datetime({ precision: 0 }),
  region: z.literal(region),
  resources: z.tuple([z.templateLiteral(["arn:aws:s3:::", z.string()])]),
});
const detail = z.strictObject({
  version: z.literal("0"),
  "event-version": z.literal("1.0"),
  bucket: z.strictObject({ name: z.string() }),
  "request-id": z.string().regex(/^[0-9A-F]{16}$/),
  requester: accountId,
  "source-ip-address": z.literal("127.0.0.1"),
});
const key = z.string().min(1);
const created = change.extend({
  "detail-type": z.literal("Object Created"),
  detail: detail.extend({
    object: z.strictObject({
      key,
      size: z.number(),
      etag: md5,
      "version-id": versionId.optional(),
      sequencer,
    }),
    reason: z.enum(["PutObject", "CopyObject", "CompleteMultipartUpload"]),
  }),
});
const deleted = change.extend({
  "detail-type": z.literal("Object Deleted"),
  detail: detail.extend({
    object: z.strictObject({
      key,
      etag: z.literal("d41d8cd98f00b204e9800998ecf8427e").optional(),
      "version-id": versionId.optional(),
      sequencer,
    }),
    reason: z.literal("DeleteObject"),
    "deletion-type": z.enum(["Permanently Deleted", "Delete Marker Created"]),
  }),
});
/** Every field as S3's user guide has it ("EventBridge event message structure"), and no other. */
const eventSchema = z.discriminatedUnion("detail-type", [created, deleted]);
type ObjectEvent = z.output<typeof eventSchema>;

const Bucket = "told";

/** A bucket that tells EventBridge, and what it has told so far; its server keeps nothing else. */
async function startTelling() {
  const events: ObjectEvent[] = [];
  const server = await startServer({
    deliverEvents: async (told) => {
      events.push(...told.map((event) => eventSchema.parse(JSON.parse(event))));
    },
  });
  await createBucket(server, Bucket);
  const client = new S3Client({ endpoint: server.endpoint, region, credentials, forcePathStyle: true });
  onTestFinished(() => client.destroy());
  await configure(client, { EventBridgeConfiguration: {} });
  /** All that was told of what was done before. */
  const toldUntilEnd = async () => {
    await put(client, "the end");
    await vi.waitFor(() => expect(events.at(-1)?.detail.object.key).toBe("the end"));
    return events.slice(0, -1);
  };
  return { client, toldUntilEnd };
}

const configure = (client: S3Client, configuration: NotificationConfiguration, bucket = Bucket) =>
  client.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: configuration,
    }),
  );
const put = (client: S3Client, Key: string, Body: string | Uint8Array = `body of ${Key}`) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body }));
const remove = (client: S3Client, Key: string, VersionId?: string) =>
  client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
const setVersioning = (client: S3Client, Status: "Enabled" | "Suspended") =>
  client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
const whatOf = (event: ObjectEvent) => [
  event.detail.object.key,
  "deletion-type" in event.detail ? event.detail["deletion-type"] : event.detail.reason,
  event.detail.object["version-id"],
];

test("an upload is told with its key as it is, size, ETag without quotation marks, and no version id", async () => {
  const { client, toldUntilEnd } = await startTelling();
  const keys = ["plain.txt", "a b+c/ü 🎈 %20&<\u0007>"];
  for (const name of keys) await put(client, name, "eleven byte");
  const told = await toldUntilEnd();
  expect(told.map((event) => event.detail.object.key)).toEqual(keys);
  expect(told[0]).toMatchObject({
    "detail-type": "Object Created",
    resources: [`arn:aws:s3:::${Bucket}`],
    detail: {
      bucket: { name: Bucket },
      object: { size: 11, etag: hash("md5", "eleven byte") },
      reason: "PutObject",
    },
  });
  expect(told[0]?.detail.object).not.toHaveProperty("version-id");
});

test("an upload in a versioned bucket is told with its version id, and with its request's id", async () => {
  const { client, toldUntilEnd } = await startTelling();
  await setVersioning(client, "Enabled");
  const { VersionId, $metadata } = await put(client, "a");
  const [event] = await toldUntilEnd();
  expect(event?.detail.object["version-id"]).toBe(VersionId);
  expect(event?.detail["request-id"]).toBe($metadata.requestId);
});

test("a copied object is told like an upload, for another reason", async () => {
  const { client, toldUntilEnd } = await startTelling();
  await put(client, "a", "eleven byte");
  await client.send(new CopyObjectCommand({ Bucket, Key: "b", CopySource: `${Bucket}/a` }));
  const [, event] = await toldUntilEnd();
  expect(event?.detail).toMatchObject({
    object: { key: "b", size: 11, etag: hash("md5", "eleven byte") },
    reason: "CopyObject",
  });
});

test("a completed multipart upload is told once, with its whole size", async () => {
  const { client, toldUntilEnd } = await startTelling();
  const of = { Bucket, Key: "large" };
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...of, ChecksumAlgorithm: "CRC32" }),
  );
  const part = { ...of, UploadId, PartNumber: 1 };
  const { ETag, ChecksumCRC32 } = await client.send(
    new UploadPartCommand({ ...part, Body: "one part is enough" }),
  );
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] };
  const completed = await client.send(
    new CompleteMultipartUploadCommand({ ...of, UploadId, MultipartUpload }),
  );
  const told = await toldUntilEnd();
  expect(told).toHaveLength(1);
  expect(told[0]?.detail).toMatchObject({
    object: { key: "large", size: 18, etag: completed.ETag?.replaceAll('"', "") },
    reason: "CompleteMultipartUpload",
  });
});

test("deleting in a bucket without versions is told once, and of what is not there not at all", async () => {
  const { client, toldUntilEnd } = await startTelling();
  await put(client, "a");
  await remove(client, "a");
  await remove(client, "a");
  await remove(client, "never");
  expect((await toldUntilEnd()).map(whatOf)).toEqual([
    ["a", "PutObject", undefined],
    ["a", "Permanently Deleted", undefined],
  ]);
});

test("with versions a deletion is told as its marker, and of a version or a marker as permanent", async () => {
  const { client, toldUntilEnd } = await startTelling();
  await setVersioning(client, "Enabled");
  const { VersionId: version } = await put(client, "a");
  const { VersionId: marker } = await remove(client, "a");
  await remove(client, "a", version);
  await remove(client, "a", marker);
  await remove(client, "a", marker);
  expect((await toldUntilEnd()).map(whatOf)).toEqual([
    ["a", "PutObject", version],
    ["a", "Delete Marker Created", marker],
    ["a", "Permanently Deleted", version],
    ["a", "Permanently Deleted", marker],
  ]);
});

test("where versioning is suspended, what has no version id of its own is told without one", async () => {
  const { client, toldUntilEnd } = await startTelling();
  await setVersioning(client, "Suspended");
  await put(client, "a");
  await remove(client, "a");
  await remove(client, "a", "null");
  expect((await toldUntilEnd()).map(whatOf)).toEqual([
    ["a", "PutObject", undefined],
    ["a", "Delete Marker Created", undefined],
    ["a", "Permanently Deleted", undefined],
  ]);
});

test("each deletion of many in one request is told", async () => {
  const { client, toldUntilEnd } = await startTelling();
  const Objects = Array.from({ length: 25 }, (_, index) => ({ Key: `many/${index}` }));
  for (const { Key } of Objects) await put(client, Key);
  const { $metadata } = await client.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: [...Objects, { Key: "never" }] } }),
  );
  const deletions = (await toldUntilEnd()).filter((event) => event["detail-type"] === "Object Deleted");
  expect(deletions.map((event) => event.detail.object.key)).toEqual(Objects.map(({ Key }) => Key));
  expect(new Set(deletions.map((event) => event.detail["request-id"]))).toEqual(
    new Set([$metadata.requestId]),
  );
});

test("what reads, or fails, is not told", async () => {
  const { client, toldUntilEnd } = await startTelling();
  await put(client, "there");
  await client.send(new GetObjectCommand({ Bucket, Key: "there" }));
  const wrongSum = { Bucket, Key: "there", Body: "x", ChecksumCRC32: "AAAAAA==" };
  expect((await refusal(client.send(new PutObjectCommand(wrongSum)))).status).toBe(400);
  const onlyNew = { Bucket, Key: "there", Body: "x", IfNoneMatch: "*" };
  expect((await refusal(client.send(new PutObjectCommand(onlyNew)))).status).toBe(412);
  await refusal(client.send(new DeleteObjectCommand({ Bucket: "elsewhere", Key: "there" })));
  expect((await toldUntilEnd()).map(whatOf)).toEqual([["there", "PutObject", undefined]]);
});

test("the sequencers of one key grow from change to change", async () => {
  const { client, toldUntilEnd } = await startTelling();
  await Promise.all(Array.from({ length: 30 }, (_, index) => put(client, "a", String(index))));
  await remove(client, "a");
  const sequencers = (await toldUntilEnd()).map((event) => event.detail.object.sequencer);
  expect(sequencers).toHaveLength(31);
  expect(sequencers.toSorted()).toEqual(sequencers);
  expect(new Set(sequencers).size).toBe(31);
});

test("a bucket tells nothing unless it is configured to, and no more when that is taken back", async () => {
  const { client, toldUntilEnd } = await startTelling();
  const configuration = () =>
    client.send(new GetBucketNotificationConfigurationCommand({ Bucket })).then((output) => {
      return output.EventBridgeConfiguration;
    });
  expect(await configuration()).toEqual({});
  await configure(client, {});
  expect(await configuration()).toBeUndefined();
  await put(client, "unheard");
  await configure(client, { EventBridgeConfiguration: {} });
  await put(client, "heard");
  expect((await toldUntilEnd()).map(whatOf)).toEqual([["heard", "PutObject", undefined]]);
});

test("no other destination than EventBridge is taken, and nobody's bucket is no bucket", async () => {
  const { client } = await startTelling();
  const QueueConfigurations = [{ QueueArn: "arn:aws:sqs:::q", Events: ["s3:ObjectCreated:*" as const] }];
  expect(await refusal(configure(client, { QueueConfigurations }))).toMatchObject({ status: 501 });
  expect(await refusal(configure(client, {}, "nobodys"))).toMatchObject({ code: "NoSuchBucket" });
});

test("a bucket that tells can be deleted", async () => {
  const { client } = await startTelling();
  await client.send(new DeleteBucketCommand({ Bucket }));
  expect(await refusal(put(client, "a"))).toMatchObject({ code: "NoSuchBucket" });
});

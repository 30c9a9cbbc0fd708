import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { createBucket } from "../../../local/bucket.ts";
import { type Progress, silentProgress } from "../../../local/fill-bucket/progress.ts";
import { putSample } from "../../../local/fill-bucket/sample.ts";
import { uploadFolder } from "../../../local/fill-bucket/upload-folder.ts";
import { startLocalS3 } from "../../../local/s3/server.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const MiB = 1024 * 1024;
const bucket = "demo";

test("a folder's files become objects with their bytes and CRC-32", async () => {
  const client = await openBucket();
  const folder = join(temporaryFolder(), "photos");
  mkdirSync(join(folder, "2024/empty"), { recursive: true });
  writeFileSync(join(folder, "2024/Grüße.txt"), "hello");
  writeFileSync(join(folder, "streamed"), Buffer.alloc(2 * MiB, 7));
  await upload(client, folder);
  expect(await keysOf(client)).toEqual(["photos/2024/Grüße.txt", "photos/2024/empty/", "photos/streamed"]);
  const small = await client.send(
    new GetObjectCommand({ Bucket: bucket, Key: "photos/2024/Grüße.txt", ChecksumMode: "ENABLED" }),
  );
  expect(await small.Body?.transformToString()).toBe("hello");
  expect(small).toMatchObject({ ChecksumCRC32: "NhCmhg==", ChecksumType: "FULL_OBJECT" });
  const { ChecksumCRC32 } = await head(client, "photos/streamed");
  expect(ChecksumCRC32).toBeDefined();
});

test("a large file is uploaded in parts and has a CRC-32 of the whole all the same", async () => {
  const client = await openBucket();
  const folder = temporaryFolder();
  writeFileSync(join(folder, "large"), Buffer.alloc(65 * MiB, "0123456789"));
  await upload(client, folder);
  const [key = ""] = await keysOf(client);
  expect(await head(client, key)).toMatchObject({ ContentLength: 65 * MiB, ChecksumType: "FULL_OBJECT" });
}, 60_000);

test("a file is sent again only when its size or its time of modification is another", async () => {
  const client = await openBucket();
  const folder = temporaryFolder();
  const file = join(folder, "a");
  const outcomes: string[] = [];
  const progress = {
    ...silentProgress,
    advance: (_bytes: number, outcome: string) => outcomes.push(outcome),
  };
  const sendAs = async (content: string, mtimeSeconds: number) => {
    writeFileSync(file, content);
    utimesSync(file, mtimeSeconds, mtimeSeconds);
    await upload(client, folder, progress);
  };
  await sendAs("1", 1000);
  await sendAs("1", 1000);
  await sendAs("2", 1001);
  await sendAs("22", 1001);
  await sendAs("22", 1001);
  expect(outcomes).toEqual(["sent", "kept", "sent", "sent", "kept"]);
});

test("a signal gives the upload up", async () => {
  const client = await openBucket();
  const folder = temporaryFolder();
  for (let count = 0; count < 100; count += 1) writeFileSync(join(folder, String(count)), "x");
  const controller = new AbortController();
  const progress = { ...silentProgress, advance: () => controller.abort(new Error("enough")) };
  const uploading = uploadFolder({ client, bucket, folder, except: "", progress, signal: controller.signal });
  await expect(uploading).rejects.toThrow("enough");
  expect((await keysOf(client)).length).toBeLessThan(100);
});

test("the sample is put into an empty bucket only", async () => {
  const client = await openBucket();
  await putSample(client, bucket);
  const sample = await keysOf(client);
  expect(sample.length).toBeGreaterThan(3);
  expect(sample.some((key) => key.endsWith("/"))).toBe(true);
  const modified = (await head(client, sample[0] ?? "")).LastModified;
  await putSample(client, bucket);
  expect((await head(client, sample[0] ?? "")).LastModified).toEqual(modified);
});

async function openBucket(): Promise<S3Client> {
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
  const region = "us-east-1";
  const server = await startLocalS3({
    dataDir: temporaryFolder(),
    port: 0,
    region,
    credentials: [credentials],
  });
  onTestFinished(() => server.close());
  const client = new S3Client({ endpoint: server.endpoint, region, credentials, forcePathStyle: true });
  onTestFinished(() => client.destroy());
  await createBucket(client, bucket);
  return client;
}

function upload(client: S3Client, folder: string, progress: Progress = silentProgress): Promise<void> {
  return uploadFolder({ client, bucket, folder, except: "", progress, signal: new AbortController().signal });
}

async function keysOf(client: S3Client): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket })) {
    for (const { Key } of page.Contents ?? []) keys.push(Key ?? "");
  }
  return keys;
}

function head(client: S3Client, Key: string) {
  return client.send(new HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: "ENABLED" }));
}

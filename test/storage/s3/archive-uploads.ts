import { crc32 } from "node:zlib";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { beforeAll } from "vitest";
import type { ArchiveBucket, ArchiveUpload, FinishedPart } from "../../../lambdas/ball/archive-bucket.ts";
import { pinOf } from "../../../lambdas/ball/pin.ts";
import type { PinnedSource } from "../../../lambdas/ball/source.ts";
import { createArchiveBucket } from "../../../lambdas/storage/s3/archive-bucket.ts";
import { digest } from "../../support/manifests.ts";
import { type TestS3, testS3 } from "../../support/s3.ts";

/** What S3 asks of every part but the last. */
export const smallestPart = 5 * 1024 * 1024;

/** Bytes that are the same for the same seed. */
export function bytesOf(seed: string, length: number): Buffer {
  return Buffer.alloc(length, digest(seed, "base64url"));
}

/** A part as it is uploaded. */
export function partOf(bytes: Uint8Array): { bytes: Uint8Array; crc32: number } {
  return { bytes, crc32: crc32(bytes) };
}

/** An object as it is now, pinned. */
export async function pinned(client: S3Client, bucket: string, key: string): Promise<PinnedSource> {
  const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  const pin = pinOf({ etag: head.ETag ?? "", versionId: head.VersionId });
  return { bucket, key, pin, sizeBytes: head.ContentLength ?? 0 };
}

export async function bodyOf(client: S3Client, bucket: string, key: string): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

/** Keys of what is in a bucket: its objects, and its uploads that are not completed. */
export async function leftIn(
  client: S3Client,
  Bucket: string,
): Promise<{ objects: string[]; uploads: string[] }> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  return {
    objects: Contents.map(({ Key = "" }) => Key),
    uploads: Uploads.map(({ Key = "" }) => Key),
  };
}

/** The client; something happens behind each command of that name, before anybody hears of its answer. */
export function behind(client: S3Client, command: string, happens: () => Promise<void>): S3Client {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName === command) await happens();
        return answer;
      },
    { step: "initialize" },
  );
  return client;
}

/** All that an upload is completed with. */
interface Completion {
  readonly upload: ArchiveUpload;
  readonly parts: readonly FinishedPart[];
  readonly whole: { readonly lengthBytes: number; readonly crc32: number };
}

/** A bucket of archives on a local S3, and one with an object to copy. */
export interface TestArchives {
  readonly s3: TestS3;
  readonly bucket: string;
  readonly archives: ArchiveBucket;
  /** Of the object that is copied: it is a little longer than the smallest part. */
  readonly source: PinnedSource & { readonly body: Buffer };
  /** Begins an upload under a key of its own. */
  begun(): Promise<ArchiveUpload>;
  /** An upload with all its bytes in one part. */
  small(): Promise<Completion>;
}

/** Starts it for the tests of one file. */
export function testArchives(): () => TestArchives {
  const s3 = testS3();
  let started: TestArchives | undefined;
  beforeAll(async () => {
    started = await archivesOn(s3());
  });
  return () => {
    if (started === undefined) throw new Error("It is started before the first test");
    return started;
  };
}

async function archivesOn(s3: TestS3): Promise<TestArchives> {
  const bucket = await s3.newBucket();
  const archives = createArchiveBucket(s3.client, bucket);
  const sources = await s3.newBucket();
  const body = bytesOf("source", smallestPart + 3000);
  await s3.put(sources, "large", body);
  let keyCount = 0;
  const begun = async () => {
    keyCount += 1;
    const key = `ball/plan/${keyCount}/archive.zip`;
    return { key, uploadId: await archives.beginUpload(key) };
  };
  const small = async () => {
    const upload = await begun();
    const bytes = bytesOf(upload.key, 1000);
    const parts = [await archives.uploadPart(upload, 1, partOf(bytes))];
    return { upload, parts, whole: { lengthBytes: bytes.length, crc32: crc32(bytes) } };
  };
  const source = { ...(await pinned(s3.client, sources, "large")), body };
  return { s3, bucket, archives, source, begun, small };
}

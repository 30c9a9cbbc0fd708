import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import {
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import pLimit from "p-limit";
import type { Progress } from "./progress.ts";
import { type FolderItem, walkFolder } from "./walk-folder.ts";

export interface FolderUpload {
  readonly client: S3Client;
  readonly bucket: string;
  /** Absolute. */
  readonly folder: string;
  /** Absolute path of a folder inside to leave out. */
  readonly except: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Puts a folder's files into the bucket, under keys that begin with the folder's own name: `photos/2024/a.jpg`.
 * An empty folder becomes an empty object whose key ends in a slash. A file whose object has its size and its
 * modification time is not sent again; objects whose files are gone stay.
 * Throws: when the folder can not be read, or an upload fails; the signal's reason.
 */
export async function uploadFolder(upload: FolderUpload): Promise<void> {
  const { client, bucket, folder, progress, signal } = upload;
  const keyPrefix = `${basename(folder)}/`;
  const items = await itemsToUpload(upload, keyPrefix);
  const sizes = await listSizes(client, bucket, keyPrefix);
  const put = async (item: Uploadable) => {
    signal.throwIfAborted();
    const isThere = sizes.get(item.key) === sizeOf(item) && (await isUnchanged(upload, item));
    if (!isThere) await putItem(upload, item);
    progress.advance(sizeOf(item), isThere ? "kept" : "sent");
  };
  const small = pLimit(smallConcurrency);
  const large = pLimit(largeConcurrency);
  const bytes = items.reduce((total, item) => total + sizeOf(item), 0);
  progress.start(items.length, bytes);
  try {
    const isLarge = (item: Uploadable) => sizeOf(item) > maxSinglePutBytes;
    await Promise.all(items.map((item) => (isLarge(item) ? large : small)(() => put(item))));
  } finally {
    progress.stop();
  }
}

type Uploadable = Extract<FolderItem, { key: string }>;

async function itemsToUpload(
  { folder, except, progress }: FolderUpload,
  keyPrefix: string,
): Promise<Uploadable[]> {
  const items: Uploadable[] = [];
  let symbolicLinks = 0;
  for await (const item of walkFolder({ path: folder, keyPrefix, except })) {
    if (item.kind === "skipped") progress.skip(JSON.stringify(item.path), item.why);
    else if (item.kind === "symbolic-link") symbolicLinks += 1;
    else items.push(item);
  }
  if (symbolicLinks > 0) progress.skip(`${symbolicLinks} symbolic links`, "they are not followed");
  return items;
}

const sizeOf = (item: Uploadable): number => (item.kind === "file" ? item.size : 0);

async function listSizes(client: S3Client, bucket: string, prefix: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key, Size } of page.Contents ?? []) {
      if (Key !== undefined && Size !== undefined) sizes.set(Key, Size);
    }
  }
  return sizes;
}

async function isUnchanged({ client, bucket }: FolderUpload, item: Uploadable): Promise<boolean> {
  if (item.kind === "empty-folder") return true;
  const { Metadata } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: item.key }));
  return Metadata?.[mtimeKey] === mtimeOf(item);
}

async function putItem({ client, bucket, signal }: FolderUpload, item: Uploadable): Promise<void> {
  const target = { Bucket: bucket, Key: item.key };
  if (item.kind === "empty-folder") {
    await client.send(new PutObjectCommand({ ...target, Body: new Uint8Array() }));
    return;
  }
  const params = { ...target, Metadata: { [mtimeKey]: mtimeOf(item) }, ChecksumAlgorithm: "CRC32" } as const;
  if (item.size > maxSinglePutBytes) {
    const partSize = Math.max(minPartBytes, Math.ceil(item.size / maxParts));
    const Body = createReadStream(item.path, { highWaterMark: readBytes });
    const parallel = { client, partSize, queueSize: partsInParallel };
    const multipart = new Upload({ ...parallel, params: { ...params, ChecksumType: "FULL_OBJECT", Body } });
    signal.addEventListener("abort", () => multipart.abort());
    await multipart.done();
  } else {
    // A small body is sent as a buffer: signed and checked as a whole, and the SDK can send it again.
    const Body = item.size <= maxBufferedBytes ? await readFile(item.path) : createReadStream(item.path);
    await client.send(new PutObjectCommand({ ...params, Body, ContentLength: item.size }));
  }
}

type File = Extract<FolderItem, { kind: "file" }>;

/** Seconds since 1970 with their fraction, under the name that rclone uses too. */
const mtimeOf = (file: File): string => String(file.mtimeMs / 1000);
const mtimeKey = "mtime";

const MiB = 1024 * 1024;
const smallConcurrency = 32;
const largeConcurrency = 2;
const maxBufferedBytes = 1 * MiB;
const maxSinglePutBytes = 64 * MiB;
const minPartBytes = 16 * MiB;
const partsInParallel = 2;
const readBytes = 1 * MiB;
/** Source: S3 user guide, "Multipart upload limits". */
const maxParts = 10_000;

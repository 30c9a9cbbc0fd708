import { PutBucketNotificationConfigurationCommand } from "@aws-sdk/client-s3";
import { z } from "zod";
import { scaled } from "../context.ts";
import { fillBucket, fillingClient } from "../s3.ts";
import { type RequestCounts, type StackProcess, startStackProcess } from "./stack-process.ts";

/** A folder of the bucket. */
export interface FilledFolder {
  readonly folder: string;
  readonly objectCount: number;
  readonly sizeBytes: number;
}

/** A ball that was made, how long that took, and what it asked of S3. */
export interface MadeBall extends RequestCounts {
  readonly link: string;
  readonly seconds: number;
}

/**
 * The real stack in a process of its own, with many and with large objects in its bucket. It is started, and each of
 * its folders filled, when first needed; sections that follow each other share it.
 */
export class FilledStack {
  /** Some GiB in few objects. */
  readonly large: FilledFolder;
  /** Many tiny objects, in ten folders. */
  readonly wide: FilledFolder;
  /** The first of the ten. */
  readonly narrow: FilledFolder;
  readonly #dataDir: string;
  readonly #filled = new Set<FilledFolder>();
  #process: StackProcess | undefined;

  constructor({ dataDir, scale }: { dataDir: string; scale: number }) {
    this.#dataDir = dataDir;
    const narrowCount = scaled(10_000, scale);
    this.large = { folder: "large", objectCount: 10, sizeBytes: scaled(512, scale) * 1024 * 1024 };
    this.wide = { folder: "wide", objectCount: narrowCount * 10, sizeBytes: 100 };
    this.narrow = { folder: "wide/0", objectCount: narrowCount, sizeBytes: 100 };
  }

  async start(): Promise<StackProcess> {
    this.#process ??= await startWithoutIndexing(this.#dataDir);
    return this.#process;
  }

  /** Fills a folder unless it is filled. */
  async fill(folder: FilledFolder): Promise<void> {
    if (this.#filled.has(folder)) return;
    const { s3 } = (await this.start()).connection;
    const client = fillingClient(s3);
    try {
      await fillBucket({ client, bucket: s3.bucket, keys: keysOf(folder), sizeBytes: folder.sizeBytes });
    } finally {
      client.destroy();
    }
    this.#filled.add(folder);
  }

  /** Makes a ball of a folder. Throws: Error with the answer when it is not 201. */
  async makeBall({ folder }: FilledFolder): Promise<MadeBall> {
    const { connection, requestCounts } = await this.start();
    const before = await requestCounts();
    const startedAt = performance.now();
    const response = await fetch(`${connection.api}/v2/zipball`, {
      method: "POST",
      headers: { Authorization: `Bearer ${connection.token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ objects: [{ folder: `/${folder}` }] }),
    });
    const text = await response.text();
    const seconds = (performance.now() - startedAt) / 1000;
    if (response.status !== 201) throw new Error(`${response.status}: ${text}`);
    const { listings, heads } = await requestCounts();
    const link = createdSchema.parse(JSON.parse(text)).data.urls.url;
    return { link, seconds, listings: listings - before.listings, heads: heads - before.heads };
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }
}

/** Nothing but what is measured goes on in it: the bucket tells nobody of uploads. */
async function startWithoutIndexing(dataDir: string): Promise<StackProcess> {
  const stack = await startStackProcess(dataDir);
  const { s3 } = stack.connection;
  const client = fillingClient(s3);
  const configuration = { Bucket: s3.bucket, NotificationConfiguration: {} };
  await client.send(new PutBucketNotificationConfigurationCommand(configuration));
  client.destroy();
  return stack;
}

function keysOf({ folder, objectCount }: FilledFolder): string[] {
  const numbered = (index: number) => String(index).padStart(6, "0");
  const perFolder = Math.ceil(objectCount / 10);
  const keyAt = (index: number) =>
    `${folder}/${Math.floor(index / perFolder)}/some object ${numbered(index)}.bin`;
  return Array.from({ length: objectCount }, (_, index) => keyAt(index));
}

const createdSchema = z.object({ data: z.object({ urls: z.object({ url: z.url() }) }) });

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, vi } from "vitest";
import { createS3Client } from "../../lambdas/storage/s3/client.ts";
import { type LocalS3, startLocalS3 } from "../../local/s3/server.ts";
import { Store } from "../../local/s3/store.ts";

/** A local S3, and clients as the functions have them, with credentials from the environment. */
export interface TestS3 {
  readonly endpoint: string;
  readonly client: S3Client;
  /** A client of its own; `endpoint` may name something that stands in front of the server. */
  newClient(endpoint?: string): S3Client;
  newBucket(options?: { versioning: "Enabled" | "Suspended" }): Promise<string>;
  put(bucket: string, key: string, body?: string | Uint8Array, more?: PutMore): Promise<void>;
  /** Puts many small objects, many at a time. */
  putMany(bucket: string, keys: readonly string[]): Promise<void>;
}

type PutMore = Partial<Pick<PutObjectCommandInput, "StorageClass" | "ChecksumAlgorithm">>;

/**
 * Starts it for the tests of one file. The function it returns may be called inside tests and hooks.
 * `fill` may put into its store what would take long through the wire.
 */
export function testS3(fill: (store: Store) => void = () => undefined): () => TestS3 {
  let dataDir: string | undefined;
  const clients: S3Client[] = [];
  let server: LocalS3 | undefined;
  let client: S3Client | undefined;
  const newClient = (endpoint = server?.endpoint) => {
    const added = createS3Client(endpoint);
    clients.push(added);
    return added;
  };
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "zipball-s3-"));
    const credentials = { accessKeyId: "test", secretAccessKey: "a secret of the tests" };
    const store = new Store(dataDir);
    fill(store);
    store.close();
    vi.stubEnv("AWS_REGION", "eu-central-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
    vi.stubEnv("AWS_PROFILE", undefined);
    server = await startLocalS3({ dataDir, port: 0, region: "eu-central-1", credentials: [credentials] });
    client = newClient();
  });
  afterAll(async () => {
    for (const added of clients) added.destroy();
    await server?.close();
    if (dataDir !== undefined) rmSync(dataDir, { recursive: true });
    vi.unstubAllEnvs();
  });
  return () => {
    if (server === undefined || client === undefined) throw new Error("It is started before the first test");
    return { endpoint: server.endpoint, client, newClient, ...bucketsOf(client) };
  };
}

let bucketCount = 0;

function bucketsOf(client: S3Client): Pick<TestS3, "newBucket" | "put" | "putMany"> {
  const put: TestS3["put"] = async (Bucket, Key, body = `body of ${Key}`, more = {}) => {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: body, ...more }));
  };
  return {
    put,
    newBucket: async (options) => {
      bucketCount += 1;
      const Bucket = `bucket-${bucketCount}`;
      await client.send(new CreateBucketCommand({ Bucket }));
      if (options !== undefined) {
        const VersioningConfiguration = { Status: options.versioning };
        await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
      }
      return Bucket;
    },
    putMany: async (bucket, keys) => {
      const waiting = [...keys];
      const worker = async () => {
        for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) await put(bucket, key);
      };
      await Promise.all(Array.from({ length: 32 }, worker));
    },
  };
}

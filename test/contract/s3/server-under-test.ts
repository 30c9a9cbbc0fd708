import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll } from "vitest";
import { type LocalS3, startLocalS3 } from "../../../local/s3/server.ts";

/**
 * The S3 these tests ask: the local one, or with CONTRACT_S3_ENDPOINT any other (with AWS's own variables for region
 * and credentials, and CONTRACT_S3_BUCKET_PREFIX for the names of the buckets the tests make and remove).
 */
export interface ServerUnderTest {
  readonly client: S3Client;
  readonly region: string;
  /** A new bucket, removed with all that is in it when the file's tests are over. */
  newBucket(options?: { versioning?: "Enabled" | "Suspended" }): Promise<string>;
}

/** Starts the server for the tests of one file. The function it returns may be called inside tests and hooks. */
export function serverUnderTest(): () => ServerUnderTest {
  let server: (ServerUnderTest & { close(): Promise<void> }) | undefined;
  beforeAll(async () => {
    server = await open();
  });
  afterAll(async () => server?.close());
  return () => {
    if (server === undefined) throw new Error("The server under test is not started yet.");
    return server;
  };
}

async function open(): Promise<ServerUnderTest & { close(): Promise<void> }> {
  const endpoint = process.env.CONTRACT_S3_ENDPOINT;
  if (endpoint === undefined) return openLocal();
  const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? "us-east-1";
  return overClient({ endpoint, region }, async () => {});
}

async function openLocal(): Promise<ServerUnderTest & { close(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), "contract-s3-"));
  const credentials = { accessKeyId: "contract", secretAccessKey: randomBytes(20).toString("hex") };
  const region = "eu-central-1";
  const local: LocalS3 = await startLocalS3({ dataDir, port: 0, region, credentials: [credentials] });
  return overClient({ endpoint: local.endpoint, region, credentials }, async () => {
    await local.close();
    rmSync(dataDir, { recursive: true });
  });
}

function overClient(
  config: S3ClientConfig & { region: string },
  stop: () => Promise<void>,
): ServerUnderTest & { close(): Promise<void> } {
  const client = new S3Client({ ...config, forcePathStyle: true });
  const buckets: string[] = [];
  return {
    client,
    region: config.region,
    newBucket: async (options = {}) => {
      const bucket = newBucketName();
      await createBucket(client, bucket, config.region);
      buckets.push(bucket);
      if (options.versioning !== undefined) {
        const configuration = { Bucket: bucket, VersioningConfiguration: { Status: options.versioning } };
        await client.send(new PutBucketVersioningCommand(configuration));
      }
      return bucket;
    },
    close: async () => {
      for (const bucket of buckets) await removeBucket(client, bucket);
      client.destroy();
      await stop();
    },
  };
}

/** A name nobody has. */
export function newBucketName(): string {
  return `${process.env.CONTRACT_S3_BUCKET_PREFIX ?? "zipball-contract-"}${randomBytes(6).toString("hex")}`;
}

export async function createBucket(client: S3Client, bucket: string, region: string): Promise<void> {
  // The SDK lists the regions it knows; every other is as good.
  const input = { Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: region } };
  await client.send(region === "us-east-1" ? new CreateBucketCommand({ Bucket: bucket }) : createIn(input));
}

function createIn(input: { Bucket: string; CreateBucketConfiguration: { LocationConstraint: string } }) {
  const command = new CreateBucketCommand({ Bucket: input.Bucket });
  Object.assign(command.input, input);
  return command;
}

async function removeBucket(client: S3Client, Bucket: string): Promise<void> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  for (const { Key, UploadId } of Uploads) {
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  }
  for (;;) {
    const {
      Versions = [],
      DeleteMarkers = [],
      IsTruncated,
    } = await client.send(new ListObjectVersionsCommand({ Bucket, EncodingType: "url" }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key = "", VersionId }) => ({
      Key: decodeKey(Key),
      VersionId,
    }));
    if (Objects.length > 0) await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    if (IsTruncated !== true) break;
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
}

/** A key as a listing with `encoding-type=url` writes it, decoded. */
export function decodeKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll("+", " "));
}

/** How S3 refused a request. */
export interface Refusal {
  readonly code: string;
  readonly status: number | undefined;
  readonly message: string;
}

/** The refusal a request must meet. Throws: Error when it is not refused. */
export async function refusal(request: Promise<unknown>): Promise<Refusal> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    return { code: error.name, status: error.$metadata.httpStatusCode, message: error.message };
  }
  throw new Error("The request was expected to be refused.");
}

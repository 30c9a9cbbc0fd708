import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import pMap from "p-map";
import { z } from "zod";
import type { FunctionFailure } from "../../local/api-gateway/invocation.ts";
import type { LocalConnection } from "../../local/data-folder.ts";
import { type StackOptions, startStack } from "../../local/stack.ts";

export type Body = string | Uint8Array;

/** What a ball may be asked to be, beside its objects. */
export interface BallOptions {
  readonly delivery?: "auto" | "stream" | "assemble";
  readonly compression?: "stored" | "deflate";
}

/** The whole system in this process, on free ports, with its own data folder unless one is given. */
export interface TestStack {
  readonly api: string;
  readonly token: string;
  readonly dataDir: string;
  readonly bucket: string;
  readonly archivesBucket: string;
  readonly s3Endpoint: string;
  readonly dynamodbEndpoint: string;
  readonly sqs: LocalConnection["sqs"];
  /** Of all embedded servers. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly s3: S3Client;
  /** A client that sends no checksum of its own, as many older ones do. */
  readonly s3WithoutChecksums: S3Client;
  readonly dynamoDb: DynamoDBDocumentClient;
  /** For the queues of `sqs`. */
  readonly sqsClient: SQSClient;
  /** What functions failed with, in order. */
  readonly failures: FunctionFailure[];
  /** Puts objects into the bucket. */
  put(bodies: Readonly<Record<string, Body>>): Promise<void>;
  /** Makes a ball; answers its link. */
  create(objects: readonly unknown[], options?: BallOptions): Promise<string>;
  close(): Promise<void>;
}

/** Starts a stack that looks at nobody's environment; `options` go over the defaults. */
export async function startTestStack(options: Partial<StackOptions> = {}): Promise<TestStack> {
  const ownDataDir = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), "zipball-e2e-")) : undefined;
  const dataDir = options.dataDir ?? ownDataDir ?? "";
  const failures: FunctionFailure[] = [];
  // What goes wrong here goes wrong on purpose, and is told in answers and in `failures`.
  process.env.POWERTOOLS_LOG_LEVEL ??= "SILENT";
  const report = (failure: FunctionFailure) => failures.push(failure);
  const stack = await startStack({ port: 0, environment: {}, report, ...options, dataDir });
  const { api, token, s3: s3Settings, dynamodb, sqs } = stack.connection;
  const { accessKeyId, secretAccessKey } = s3Settings;
  const credentials = { accessKeyId, secretAccessKey };
  const settings = {
    endpoint: s3Settings.endpoint,
    region: s3Settings.region,
    credentials,
    forcePathStyle: true,
  };
  const s3 = new S3Client(settings);
  const s3WithoutChecksums = new S3Client({ ...settings, requestChecksumCalculation: "WHEN_REQUIRED" });
  const dynamoDb = new DynamoDBClient({ ...settings, endpoint: dynamodb.endpoint });
  const sqsClient = new SQSClient({ ...settings, endpoint: sqs.endpoint });
  const { bucket, archivesBucket } = s3Settings;
  return {
    ...{ api, token, dataDir, bucket, archivesBucket, failures, credentials },
    ...{ s3, s3WithoutChecksums, sqs, sqsClient },
    s3Endpoint: s3Settings.endpoint,
    dynamodbEndpoint: dynamodb.endpoint,
    dynamoDb: DynamoDBDocumentClient.from(dynamoDb),
    put: (bodies) => putObjects(s3, bucket, bodies),
    create: (objects, options) => createBall(api, token, objects, options),
    async close() {
      for (const client of [s3, s3WithoutChecksums, dynamoDb, sqsClient]) client.destroy();
      await stack.close();
      if (ownDataDir !== undefined) rmSync(ownDataDir, { recursive: true });
    },
  };
}

/** Puts objects, several at a time. */
export async function putObjects(
  s3: S3Client,
  bucket: string,
  bodies: Readonly<Record<string, Body>>,
): Promise<void> {
  const put = ([Key, Body]: [string, Body]) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Buffer.from(Body) }));
  await pMap(Object.entries(bodies), put, { concurrency: 32 });
}

const created = z.object({ data: z.object({ urls: z.object({ url: z.string() }) }) });

/** Makes a ball; answers its link. Throws: an Error with the answer when it is not 201. */
export async function createBall(
  api: string,
  token: string,
  objects: readonly unknown[],
  options: BallOptions = {},
): Promise<string> {
  const response = await post(api, token, JSON.stringify({ objects, ...options }));
  const text = await response.text();
  if (response.status !== 201) throw new Error(`${response.status}: ${text}`);
  return created.parse(JSON.parse(text)).data.urls.url;
}

/** `POST /v2/zipball` with any body. */
export function post(api: string, token: string, body: string): Promise<Response> {
  return fetch(`${api}/v2/zipball`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json; charset=utf-8" },
    body,
  });
}

/** The bytes of a link. Throws: when the answer is not 200 or 206, or its connection breaks. */
export async function bytesOf(link: string, headers: Readonly<Record<string, string>> = {}): Promise<Buffer> {
  const response = await fetch(link, { headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${response.status}: ${bytes.toString()}`);
  return bytes;
}

/** Bytes that look like no other's, the same for the same seed. */
export function patternBytes(lengthBytes: number, seed: number): Buffer {
  const words = new Uint32Array(Math.ceil(lengthBytes / 4));
  let state = seed * 2_654_435_761 + 1;
  for (let index = 0; index < words.length; index += 1) {
    // xorshift32: cheap, and without a period that a range could fall into.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return Buffer.from(words.buffer, 0, lengthBytes);
}

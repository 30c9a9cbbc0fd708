import { HeadObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import type { PinnedSource, SourceObject, SourceReader } from "../../ball/source.ts";
import { BufferCollector } from "./collect-buffers.ts";
import { sourceObjectOfHead, sourceObjectOfListing } from "./describe-object.ts";
import { failureOf, isGone, quoted, sourceChanged } from "./failures.ts";
import { ObjectClient, type ObjectClientOptions } from "./object-client.ts";
import { ObjectRead } from "./object-read.ts";
import { readPartCrc32s } from "./part-crc32s.ts";
import { isPinned, pinInput, sendOptions } from "./pinned-request.ts";
import type { RetryLimits } from "./retry-budget.ts";

/** How bodies are read. */
export interface SourceReaderOptions extends ObjectClientOptions {
  /** How a body goes on after failures. */
  readonly retry: RetryLimits;
  /** How long a connection may rest while a slow reader leaves no room. */
  readonly restMs: number;
}

/** As much patience as a download has: some seconds of failures in a row, or 15 s of silence an attempt. */
const patient: SourceReaderOptions = {
  sockets: 256,
  connectTimeoutMs: 5_000,
  answerTimeoutMs: 15_000,
  stallTimeoutMs: 15_000,
  restMs: 5_000,
  retry: { attempts: 7, firstPauseMs: 100, maxPauseMs: 5_000 },
};

/** Source objects in S3: described through the AWS SDK, and read by requests of our own on its behalf. */
export function createSourceReader(s3: S3Client, options: Partial<SourceReaderOptions> = {}): SourceReader {
  const { retry, restMs, ...clientOptions } = { ...patient, ...options };
  const client = new ObjectClient(s3, clientOptions);
  const buffers = new BufferCollector();
  return {
    list: (bucket, prefix) => list(s3, bucket, prefix),
    describe: (bucket, key, signal) => describe(s3, { Bucket: bucket, Key: key }, signal),
    describePinned: (source, signal) => describePinned(s3, source, signal),
    partCrc32s: (source, signal) => readPartCrc32s(s3, source, signal),
    read: (source, range, signal) =>
      new ObjectRead({ client, retry, restMs, buffers, source, range, signal }),
    firstByteMs: (bucket) => client.firstByteMs(bucket),
  };
}

async function* list(s3: S3Client, bucket: string, prefix: string): AsyncGenerator<readonly SourceObject[]> {
  const pages = paginateListObjectsV2(
    { client: s3 },
    // Keys may hold characters that XML can not carry.
    { Bucket: bucket, Prefix: prefix, EncodingType: "url", OptionalObjectAttributes: ["RestoreStatus"] },
  );
  try {
    for await (const page of pages) yield (page.Contents ?? []).map(sourceObjectOfListing);
  } catch (error) {
    throw failureOf(error, `list ${quoted(prefix)}`, bucket);
  }
}

interface HeadInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
  readonly IfMatch?: string;
}

async function describe(
  s3: S3Client,
  input: HeadInput,
  signal?: AbortSignal,
): Promise<SourceObject | undefined> {
  try {
    const command = new HeadObjectCommand({ ...input, ChecksumMode: "ENABLED" });
    return sourceObjectOfHead(input.Key, await s3.send(command, sendOptions(signal)));
  } catch (error) {
    if (isGone(error)) return undefined;
    signal?.throwIfAborted();
    throw failureOf(error, `read ${quoted(input.Key)}`, input.Bucket);
  }
}

async function describePinned(
  s3: S3Client,
  source: PinnedSource,
  signal?: AbortSignal,
): Promise<SourceObject> {
  const object = await describe(s3, { Bucket: source.bucket, Key: source.key, ...pinInput(source) }, signal);
  if (object === undefined || !isPinned(source.pin, object)) throw sourceChanged(source);
  return object;
}

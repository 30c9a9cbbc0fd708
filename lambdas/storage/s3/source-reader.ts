import { addAbortSignal, type Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { BallError } from "../../ball/errors.ts";
import type { PinnedSource, SourceObject, SourceRange, SourceReader } from "../../ball/source.ts";
import { sourceObjectOfHead, sourceObjectOfListing } from "./describe-object.ts";
import { failureOf, isGone, quoted, sourceChanged } from "./failures.ts";
import { readPartCrc32s } from "./part-crc32s.ts";
import { isPinned, pinInput, sendOptions } from "./pinned-request.ts";

/** How often one read is begun when its body breaks off. The SDK repeats requests, but no body it has handed over. */
const bodyAttempts = 4;
const firstPauseMs = 100;
/** Time for one attempt, of up to some MiB: a minute for all of them, however a server hesitates. */
const attemptTimeoutMs = 15_000;

/** Source objects in S3, read through the AWS SDK. */
export function createSourceReader(s3: S3Client): SourceReader {
  return {
    list: (bucket, prefix) => list(s3, bucket, prefix),
    describe: (bucket, key, signal) => describe(s3, { Bucket: bucket, Key: key }, signal),
    describePinned: (source, signal) => describePinned(s3, source, signal),
    partCrc32s: (source, signal) => readPartCrc32s(s3, source, signal),
    read: (source, range, signal) => read(s3, source, range, signal),
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

async function read(
  s3: S3Client,
  source: PinnedSource,
  range: SourceRange,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readInTime(s3, source, range, signal);
    } catch (error) {
      // A body that its reader broke off says nothing about its object.
      signal?.throwIfAborted();
      if (attempt === bodyAttempts || !(error instanceof BrokenBody)) throw error;
      await delay(firstPauseMs * 2 ** (attempt - 1));
    }
  }
}

/** One attempt. A server that hesitates for too long broke off. */
async function readInTime(
  s3: S3Client,
  source: PinnedSource,
  range: SourceRange,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), attemptTimeoutMs);
  try {
    const signals = signal === undefined ? [late.signal] : [late.signal, signal];
    return await readOnce(s3, source, range, AbortSignal.any(signals));
  } catch (error) {
    throw late.signal.aborted ? new BrokenBody(source, error) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** A body that broke off: worth another attempt. */
class BrokenBody extends BallError {
  constructor(source: PinnedSource, cause: unknown) {
    super("source-unreadable", `The body of ${quoted(source.key)} broke off while it was read`, { cause });
  }
}

async function readOnce(
  s3: S3Client,
  source: PinnedSource,
  range: SourceRange,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const isWhole = range.start === 0 && range.end === source.sizeBytes;
  const command = new GetObjectCommand({
    Bucket: source.bucket,
    Key: source.key,
    ...pinInput(source),
    ...(isWhole ? {} : { Range: `bytes=${range.start}-${range.end - 1}` }),
  });
  const answer = await s3.send(command, sendOptions(signal)).catch((error: unknown) => {
    throw isGone(error)
      ? sourceChanged(source, error)
      : failureOf(error, `read ${quoted(source.key)}`, source.bucket);
  });
  const body = bodyOf(answer.Body);
  // The SDK's signal ends with the headers.
  addAbortSignal(signal, body);
  try {
    requireAnswerTo(source, isWhole ? undefined : range, answer);
  } catch (error) {
    body.destroy();
    throw error;
  }
  return await collect(body, range.end - range.start, source);
}

/** That a server understood what it was asked: one that ignores a pin or a range answers other bytes than those. */
function requireAnswerTo(
  source: PinnedSource,
  range: SourceRange | undefined,
  { ETag, VersionId, ContentLength, ContentRange }: GetObjectCommandOutput,
): void {
  if (!isPinned(source.pin, { etag: ETag, versionId: VersionId })) throw sourceChanged(source);
  const { start, end } = range ?? { start: 0, end: source.sizeBytes };
  const isRange = range === undefined || ContentRange === `bytes ${start}-${end - 1}/${source.sizeBytes}`;
  if (ContentLength === end - start && isRange) return;
  throw new BallError(
    "source-corrupt",
    `S3 answered ${ContentLength} bytes (${ContentRange}) of ${quoted(source.key)} where ${start} to ${end} were asked for`,
  );
}

async function collect(body: Readable, lengthBytes: number, source: PinnedSource): Promise<Uint8Array> {
  // Not from Node's shared pool: what is held here is exactly what was reserved for it.
  const bytes = Buffer.allocUnsafeSlow(lengthBytes);
  let filled = 0;
  try {
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError("A body is made of bytes");
      filled += chunk.length;
      if (filled > lengthBytes) throw new RangeError("A body is longer than its Content-Length");
      bytes.set(chunk, filled - chunk.length);
    }
  } catch (cause) {
    throw new BrokenBody(source, cause);
  }
  if (filled < lengthBytes)
    throw new BrokenBody(source, new Error(`Only ${filled} of ${lengthBytes} bytes came`));
  return bytes;
}

function bodyOf(body: unknown): Readable {
  if (isReadable(body)) return body;
  throw new TypeError("GetObject answered without a body");
}

function isReadable(body: unknown): body is Readable {
  return typeof body === "object" && body !== null && "destroy" in body && Symbol.asyncIterator in body;
}

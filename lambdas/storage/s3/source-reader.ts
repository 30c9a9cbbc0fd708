import { addAbortSignal, type Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import {
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { BallError } from "../../ball/errors.ts";
import type { PinnedSource, SourceObject, SourceRange, SourceReader } from "../../ball/source.ts";
import { sourceObjectOfHead, sourceObjectOfListing } from "./describe-object.ts";
import { failureOf, isGone, quoted, sourceChanged } from "./failures.ts";

/** How often one read is begun when its body breaks off. The SDK repeats requests, but no body it has handed over. */
const bodyAttempts = 4;
const firstPauseMs = 100;

/** Source objects in S3, read through the AWS SDK. */
export function createSourceReader(s3: S3Client): SourceReader {
  return {
    list: (bucket, prefix) => list(s3, bucket, prefix),
    describe: (bucket, key, signal) => describe(s3, { Bucket: bucket, Key: key }, signal),
    describePinned: (source, signal) => describePinned(s3, source, signal),
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
  if (object === undefined) throw sourceChanged(source);
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
      return await readOnce(s3, source, range, signal);
    } catch (error) {
      // A body that its reader broke off says nothing about its object.
      signal?.throwIfAborted();
      if (attempt === bodyAttempts || !(error instanceof BrokenBody)) throw error;
      await delay(firstPauseMs * 2 ** (attempt - 1));
    }
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
  signal?: AbortSignal,
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
  const lengthBytes = range.end - range.start;
  const body = bodyOf(answer.Body);
  // The SDK's signal ends with the headers.
  if (signal !== undefined) addAbortSignal(signal, body);
  if (answer.ContentLength !== lengthBytes) {
    body.destroy();
    throw new BallError(
      "source-corrupt",
      `S3 answered ${answer.ContentLength} bytes of ${quoted(source.key)} where ${lengthBytes} were asked for`,
    );
  }
  return await collect(body, lengthBytes, source);
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

function sendOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function pinInput({ pin }: PinnedSource): { VersionId: string } | { IfMatch: string } {
  return pin.kind === "version" ? { VersionId: pin.versionId } : { IfMatch: pin.etag };
}

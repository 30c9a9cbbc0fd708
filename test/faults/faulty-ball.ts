import type { ChecksumAlgorithm, S3Client } from "@aws-sdk/client-s3";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { Manifest } from "../../lambdas/ball/manifest.ts";
import { pinOf } from "../../lambdas/ball/pin.ts";
import type { SourceObject } from "../../lambdas/ball/source.ts";
import { streamArchive } from "../../lambdas/delivery/stream-archive.ts";
import type { ByteRange } from "../../lambdas/layout/byte-range.ts";
import type { Layout } from "../../lambdas/layout/layout.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { currentWriterVersion } from "../../lambdas/layout/writer-version.ts";
import { createSourceReader, type SourceReaderOptions } from "../../lambdas/storage/s3/source-reader.ts";
import { patternBytes } from "../e2e/test-stack.ts";
import { TestArchive, type TestEntry } from "../layout/test-archive.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faulty-proxy.ts";
import type { TestS3 } from "../support/s3.ts";

/** A ball of objects in an S3, and by other means the archive it must become. */
export interface FaultyBall {
  readonly manifest: Manifest;
  readonly layout: Layout;
  readonly reference: TestArchive;
  readonly crc32s: Crc32Column;
  /** Bytes of an object. */
  readonly bytesOf: (key: string) => Uint8Array;
}

/** An object of the S3, and its bytes. */
export interface Stored {
  readonly object: SourceObject;
  readonly bytes: Uint8Array;
}

/** The ball of those objects, whose CRC-32s are known. */
export function ballOf(bucket: string, stored: readonly Stored[]): FaultyBall {
  const entries = stored.map(({ object }) => ({ ...object, pin: pinOf(object), name: object.key }));
  const manifest = Manifest.freeze({ writerVersion: currentWriterVersion, bucket, entries });
  const reference = new TestArchive(stored.map(entryOf));
  const crc32s = new Crc32Column(stored.length);
  for (const entry of stored.keys()) crc32s.set(entry, reference.crc32Of(entry));
  const bytes = new Map(stored.map(({ object, bytes }) => [object.key, bytes]));
  const bytesOf = (key: string) => bytes.get(key) ?? new Uint8Array();
  return { manifest, layout: planLayout(manifest), reference, crc32s, bytesOf };
}

/** Without a copy of its bytes. */
function entryOf({ object: { key, sizeBytes, mtimeEpochSeconds }, bytes }: Stored): TestEntry {
  return { name: key, sizeBytes, mtimeEpochSeconds, data: (start, end) => bytes.subarray(start, end) };
}

/**
 * Puts objects of those sizes into a new bucket, each of other bytes, and makes them a ball. S3 keeps their CRC-32s unless
 * they are put with another checksum.
 */
export async function ballOfSizes(
  s3: TestS3,
  sizes: readonly number[],
  checksum: ChecksumAlgorithm = "CRC32",
): Promise<FaultyBall> {
  const bucket = await s3.newBucket();
  const reader = createSourceReader(s3.client);
  const stored = await Promise.all(
    sizes.map(async (size, index) => {
      const key = `${100 + index} of ${size}`;
      const bytes = patternBytes(size, index + 1);
      await s3.put(bucket, key, bytes, { ChecksumAlgorithm: checksum });
      const object = await reader.describe(bucket, key);
      if (object === undefined) throw new Error(`There is no ${key}`);
      return { object, bytes };
    }),
  );
  return ballOf(bucket, stored);
}

/** The first byte of S3 in milliseconds, by which a download chooses how it reads: whole bodies, or pieces of them. */
const distances = { near: 0, distant: 30 } as const;

export type Distance = keyof typeof distances;

/** Patient with S3, as a busy machine wants it, but quick to try again. */
const quick: SourceReaderOptions = {
  sockets: 64,
  connectTimeoutMs: 5000,
  answerTimeoutMs: 5000,
  stallTimeoutMs: 5000,
  restMs: 5_000,
  retry: { attempts: 7, firstPauseMs: 10, maxPauseMs: 100 },
};

/** For tests in which something stalls. What is given up too early is only asked for again. */
export const impatient: Partial<SourceReaderOptions> = { answerTimeoutMs: 200, stallTimeoutMs: 200 };

export interface DownloadOptions {
  readonly ball: FaultyBall;
  /** The S3, or what stands in front of it. */
  readonly client: S3Client;
  /** May be another one whenever it is asked for. */
  readonly distance: Distance | (() => Distance);
  readonly reader?: Partial<SourceReaderOptions>;
  readonly crc32s?: Crc32Column;
  readonly range?: ByteRange;
  /** What the reader does with what has come, of so many bytes in all, before he takes more. */
  readonly onReceived?: (receivedBytes: number) => Promise<void>;
}

/** What came of a download. */
export interface Outcome {
  /** Whether what came are the first bytes of what was asked for. */
  readonly isRight: boolean;
  readonly receivedBytes: number;
  readonly expectedBytes: number;
  readonly error: unknown;
}

/** Streams the archive of a ball by the engine itself, and compares it byte by byte with what it must be. */
export async function download({ ball, client, distance, ...options }: DownloadOptions): Promise<Outcome> {
  const { manifest, layout, reference } = ball;
  const range = options.range ?? { start: 0, end: layout.lengthBytes };
  const reader = createSourceReader(client, { ...quick, ...options.reader });
  const { chunks } = streamArchive({
    manifest,
    layout,
    range,
    crc32s: options.crc32s ?? ball.crc32s,
    reader: {
      ...reader,
      firstByteMs: () => distances[typeof distance === "string" ? distance : distance()],
    },
    signal: new AbortController().signal,
  });
  const comparison = new Comparison(reference.chunks(range));
  const outcome = (error: unknown): Outcome => ({
    isRight: comparison.isRight,
    receivedBytes: comparison.comparedBytes,
    expectedBytes: range.end - range.start,
    error,
  });
  try {
    for await (const chunk of chunks) {
      comparison.add(chunk);
      await options.onReceived?.(comparison.comparedBytes);
    }
    return outcome(undefined);
  } catch (error) {
    return outcome(error);
  }
}

/** The same with a proxy of its own in between, which lets go wrong what `choose` says. */
export async function downloadThroughProxy(
  s3: TestS3,
  choose: FaultyProxy["choose"],
  options: Omit<DownloadOptions, "client">,
): Promise<{ outcome: Outcome; proxy: FaultyProxy }> {
  const proxy = await startFaultyProxy(s3.endpoint);
  proxy.choose = choose;
  try {
    const outcome = await download({ ...options, client: s3.newClient(proxy.endpoint) });
    return { outcome, proxy };
  } finally {
    await proxy.close();
  }
}

/** Compares bytes as they come, in chunks of whatever sizes. */
class Comparison {
  isRight = true;
  comparedBytes = 0;
  readonly #expected: Iterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();

  constructor(expected: Iterator<Uint8Array>) {
    this.#expected = expected;
  }

  add(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const expected = this.#next();
      const length = Math.min(expected.length, chunk.length - at);
      if (length === 0) this.isRight = false;
      if (!this.isRight) return;
      this.isRight = Buffer.compare(expected.subarray(0, length), chunk.subarray(at, at + length)) === 0;
      this.#chunk = expected.subarray(length);
      this.comparedBytes += length;
      at += length;
    }
  }

  #next(): Uint8Array {
    while (this.#chunk.length === 0) {
      const { done, value } = this.#expected.next();
      if (done === true) break;
      this.#chunk = value;
    }
    return this.#chunk;
  }
}

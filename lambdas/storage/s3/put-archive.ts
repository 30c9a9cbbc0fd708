import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import { Upload } from "@aws-sdk/lib-storage";
import type { AssembledArchive } from "../../ball/assembly.ts";
import { type Archives, archiveContentType } from "./archives.ts";
import { requireArchive } from "./complete-archive.ts";
import { archiveFailureOf } from "./failures.ts";
import { archiveName } from "./hide-balls.ts";
import { offAbort, onAbort } from "./on-abort.ts";
import { abortUploads } from "./remove-archives.ts";

/** Of 10,000 parts 156 GiB, which is more than one worker compresses in its time. */
const partBytes = 16 * 1024 * 1024;
/** Parts on their way at a time: another one gathers meanwhile. */
const partsUnderWay = 2;

/**
 * Uploads an archive whose length nobody knows beforehand, as its bytes come.
 * Throws what `chunks` fails with, the signal's reason, BallError("archive-unwritable"); nothing is left then.
 */
export async function putArchive(
  archives: Archives,
  key: string,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<AssembledArchive> {
  signal.throwIfAborted();
  const measured = new MeasuredChunks(chunks);
  // Between the two, so that an abortion does not wait for a chunk that may never come, as Readable.from does.
  const body = new PassThrough();
  pipeline(measured, body, { signal }).catch(() => undefined);
  const upload = uploadOf(archives, key, body);
  // Nor for parts that are on their way.
  const leave = () => void upload.abort();
  onAbort(signal, leave);
  try {
    await upload.done();
  } catch (error) {
    // One that S3 began and nobody heard of, because the answer was lost. What stays goes by the bucket's lifecycle rule.
    await abortUploads(archives, key).catch(() => undefined);
    signal.throwIfAborted();
    if (measured.failure !== undefined) throw measured.failure.error;
    throw archiveFailureOf(error, `upload ${archiveName(key)}`, archives.bucket);
  } finally {
    offAbort(signal, leave);
  }
  return await requireArchive(archives, key, measured);
}

function uploadOf({ s3, bucket }: Archives, key: string, body: Readable): Upload {
  return new Upload({
    client: s3,
    params: {
      Bucket: bucket,
      Key: key,
      Body: body,
      ContentType: archiveContentType,
      ChecksumAlgorithm: "CRC32",
      ChecksumType: "FULL_OBJECT",
    },
    partSize: partBytes,
    queueSize: partsUnderWay,
    leavePartsOnError: false,
  });
}

/** Chunks, and what they come to so far. */
class MeasuredChunks implements AsyncIterable<Uint8Array> {
  readonly #chunks: AsyncIterable<Uint8Array>;
  lengthBytes = 0;
  crc32 = 0;
  /** What the chunks broke off with: the upload's own failure only follows from it. */
  failure: { readonly error: unknown } | undefined;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#chunks) {
        this.lengthBytes += chunk.length;
        this.crc32 = crc32(chunk, this.crc32);
        yield chunk;
      }
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

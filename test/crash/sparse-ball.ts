import { randomInt } from "node:crypto";
import { crc32 } from "node:zlib";
import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import pMap from "p-map";
import { expect } from "vitest";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { Manifest } from "../../lambdas/ball/manifest.ts";
import { pinOf } from "../../lambdas/ball/pin.ts";
import { combineCrc32s } from "../../lambdas/crc32/combine-crc32.ts";
import type { ByteRange } from "../../lambdas/layout/byte-range.ts";
import { encodeSlice, isHeaderSlice } from "../../lambdas/layout/encode-slice.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { rangeOfSegment } from "../../lambdas/layout/segment.ts";
import { sliceLayout } from "../../lambdas/layout/slice-layout.ts";
import { currentWriterVersion } from "../../lambdas/layout/writer-version.ts";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import type { FaultyBall } from "../faults/faulty-ball.ts";
import { TestArchive } from "../layout/test-archive.ts";
import type { TestS3 } from "../support/s3.ts";
import { putSparseObject, sparseBytes, sparseCrc32 } from "../support/sparse-object.ts";

/** A ball whose objects are of any size: nobody ever has all its bytes. */
export type SparseBall = Omit<FaultyBall, "bytesOf">;

/** Puts sparse objects of those sizes into a new bucket, and makes them a ball. */
export async function sparseBall(s3: TestS3, sizes: readonly number[]): Promise<SparseBall> {
  const bucket = await s3.newBucket();
  const reader = createSourceReader(s3.client);
  const put = async (sizeBytes: number, index: number) => {
    const key = `${100_000 + index} of ${sizeBytes}`;
    await putSparseObject(s3.client, { bucket, key, sizeBytes });
    const object = await reader.describe(bucket, key);
    if (object === undefined) throw new Error(`There is no ${key}`);
    return { ...object, pin: pinOf(object), name: key };
  };
  const entries = await pMap(sizes, put, { concurrency: 8 });
  const manifest = Manifest.freeze({ writerVersion: currentWriterVersion, bucket, entries });
  const reference = new TestArchive(
    entries.map(({ key, sizeBytes, mtimeEpochSeconds }) => ({
      ...{ name: key, sizeBytes, mtimeEpochSeconds },
      data: (start, end) => sparseBytes(key, start, end),
      crc32: sparseCrc32(key, 0, sizeBytes),
    })),
  );
  const crc32s = new Crc32Column(entries.length);
  for (const entry of entries.keys()) crc32s.set(entry, reference.crc32Of(entry));
  return { manifest, layout: planLayout(manifest), reference, crc32s };
}

/**
 * Expects an object to be the ball's archive: by its length, and by the CRC-32 that S3 has computed of all its bytes.
 * Compared byte by byte are the neighbourhoods of headers, and some ranges anywhere.
 */
export async function expectArchive(s3: S3Client, place: ObjectPlace, ball: SparseBall): Promise<void> {
  const { lengthBytes } = ball.layout;
  const head = await s3.send(new HeadObjectCommand({ ...place, ChecksumMode: "ENABLED" }));
  const { ContentLength, ChecksumCRC32 = "", ChecksumType } = head;
  const crc32OfAll = Buffer.from(ChecksumCRC32, "base64").readUInt32BE();
  expect({ ContentLength, ChecksumType, crc32OfAll }).toEqual({
    ContentLength: lengthBytes,
    ChecksumType: "FULL_OBJECT",
    crc32OfAll: archiveCrc32(ball),
  });
  for (const range of rangesToCompare(ball)) {
    const Range = `bytes=${range.start}-${range.end - 1}`;
    const { Body } = await s3.send(new GetObjectCommand({ ...place, Range }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(ball.reference.bytes(range)), Range).toBe(true);
  }
}

interface ObjectPlace {
  readonly Bucket: string;
  readonly Key: string;
}

function archiveCrc32({ layout, reference }: SparseBall): number {
  const all = [...sliceLayout(layout, { start: 0, end: layout.lengthBytes })];
  const pieces = all.map((slice) => ({
    sizeBytes: slice.end - slice.start,
    crc32: isHeaderSlice(slice)
      ? crc32(encodeSlice(layout, slice, reference.crc32Of))
      : reference.crc32Of(slice.entry),
  }));
  return combineCrc32s(pieces);
}

const mostHeaders = 100;
const randomRanges = 20;
const comparedBytes = 300_000;

function rangesToCompare({ layout, manifest }: SparseBall): ByteRange[] {
  const { entryCount } = manifest;
  const step = Math.ceil(entryCount / mostHeaders);
  const entries = Array.from({ length: Math.ceil(entryCount / step) }, (_, index) => index * step);
  const starts = [
    ...entries.map((entry) => rangeOfSegment(layout, { kind: "local-file-header", entry }).start - 100),
    ...Array.from({ length: randomRanges }, () => randomInt(layout.lengthBytes)),
    layout.lengthBytes - comparedBytes,
  ];
  return starts.map((at) => {
    const start = Math.max(0, at);
    return { start, end: Math.min(start + comparedBytes, layout.lengthBytes) };
  });
}

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { combineCrc32s } from "../../lambdas/crc32/combine-crc32.ts";
import { noiseStartOf, periodBytes, pieceOfBody } from "../stream/bodies.ts";
import type { PlannedObject } from "../stream/describe-objects.ts";
import type { BenchObject } from "../stream/object-set.ts";

/**
 * The same for the same plan. Bodies are those of bench/stream/bodies.ts, and their CRC-32s right whatever their size; ETags are
 * digests of nothing but the name: to have an MD5 of a terabyte takes an hour.
 */
export function describeLargeObjects(planned: readonly PlannedObject[]): BenchObject[] {
  return planned.map(({ key, sizeBytes }, index) => ({
    key,
    sizeBytes,
    etag: `"${createHash("md5").update(`${key} ${sizeBytes}`).digest("hex")}"`,
    crc32: crc32OfBody(key, sizeBytes),
    mtimeEpochSeconds: firstMtimeEpochSeconds + 60 * index,
  }));
}

/** Cost: that of reading two periods of the noise at most. */
export function crc32OfBody(key: string, sizeBytes: number): number {
  const noiseStart = noiseStartOf(key);
  const head = Math.min(sizeBytes, periodBytes - noiseStart);
  const periodCount = Math.floor((sizeBytes - head) / periodBytes);
  const tail = sizeBytes - head - periodCount * periodBytes;
  return combineCrc32s([
    { sizeBytes: head, crc32: crc32OfNoise(noiseStart, head) },
    ...Array.from({ length: periodCount }, wholePeriod),
    { sizeBytes: tail, crc32: crc32OfNoise(0, tail) },
  ]);
}

/** The bytes [start, end) of an object's body. */
export function bytesOfBody(key: string, start: number, end: number): Buffer {
  const noiseStart = noiseStartOf(key);
  const pieces: Buffer[] = [];
  for (let offset = start; offset < end; ) {
    const piece = pieceOfBody(noiseStart, offset, end);
    pieces.push(piece);
    offset += piece.length;
  }
  return Buffer.concat(pieces);
}

let period: { readonly sizeBytes: number; readonly crc32: number } | undefined;

function wholePeriod() {
  period ??= { sizeBytes: periodBytes, crc32: crc32OfNoise(0, periodBytes) };
  return period;
}

function crc32OfNoise(noiseStart: number, length: number): number {
  let crc = 0;
  for (let offset = 0; offset < length; ) {
    const piece = pieceOfBody(noiseStart, offset, length);
    crc = crc32(piece, crc);
    offset += piece.length;
  }
  return crc;
}

const firstMtimeEpochSeconds = Date.UTC(2026, 0, 1) / 1000;

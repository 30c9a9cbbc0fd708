import { crc32 } from "node:zlib";

/**
 * The bytes of the benchmark's objects: a function of key and offset, so that a set of 4 GiB needs neither disk nor memory.
 * Every object is the same endless noise, begun somewhere else.
 */

/** The noise repeats itself after so many bytes: a prime, so that two pieces of a body are never the same. */
export const periodBytes = 4_194_301;
/** Most bytes of one piece. */
const pieceBytes = 1024 * 1024;
/** The noise, and its beginning once more, so that every piece is one view. */
const noise = makeNoise(periodBytes + pieceBytes);

/** Where in the noise an object's first byte is. */
export function noiseStartOf(key: string): number {
  return crc32(key) % periodBytes;
}

/** Bytes of an object from `offset` on, up to `end` at most: a view of up to 1 MiB, not to be changed. */
export function pieceOfBody(noiseStart: number, offset: number, end: number): Buffer {
  const start = (noiseStart + offset) % periodBytes;
  return noise.subarray(start, start + Math.min(pieceBytes, end - offset));
}

/** All bytes of an object, in order. */
export function* piecesOfBody(key: string, sizeBytes: number): Generator<Buffer, void, undefined> {
  const noiseStart = noiseStartOf(key);
  for (let offset = 0; offset < sizeBytes; ) {
    const piece = pieceOfBody(noiseStart, offset, sizeBytes);
    yield piece;
    offset += piece.length;
  }
}

function makeNoise(lengthBytes: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(lengthBytes);
  let state = 1;
  for (let offset = 0; offset + 4 <= periodBytes; offset += 4) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32LE(state | 0, offset);
  }
  bytes[periodBytes - 1] = state & 0xff;
  bytes.copy(bytes, periodBytes, 0, lengthBytes - periodBytes);
  return bytes;
}

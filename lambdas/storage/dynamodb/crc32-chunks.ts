import type { Crc32Column } from "../../ball/crc32-column.ts";
import { BallError } from "../../ball/errors.ts";

/** Entries whose CRC-32s stand in one item: at most 264 KiB of the 400 KB an item may have. */
export const entriesPerChunk = 65_536;

/** How many items the CRC-32s of so many entries take. */
export function crc32ChunkCount(entryCount: number): number {
  return Math.ceil(entryCount / entriesPerChunk);
}

/** Entries of one chunk. */
function entryCountOfChunk(entryCount: number, chunk: number): number {
  return Math.min(entriesPerChunk, entryCount - chunk * entriesPerChunk);
}

/** How many CRC-32s of one chunk are known. */
export function knownCountOfChunk(crc32s: Crc32Column, chunk: number): number {
  let count = 0;
  for (let index = 0; index < entryCountOfChunk(crc32s.entryCount, chunk); index += 1) {
    if (crc32s.isKnown(chunk * entriesPerChunk + index)) count += 1;
  }
  return count;
}

/**
 * One chunk as bytes: four for each entry's CRC-32, little-endian, and behind them, unless all are known, one bit
 * an entry that says whether it is.
 */
export function encodeCrc32Chunk(crc32s: Crc32Column, chunk: number): Uint8Array {
  const count = entryCountOfChunk(crc32s.entryCount, chunk);
  const isComplete = knownCountOfChunk(crc32s, chunk) === count;
  const bytes = Buffer.alloc(count * 4 + (isComplete ? 0 : Math.ceil(count / 8)));
  for (let index = 0; index < count; index += 1) {
    const value = crc32s.get(chunk * entriesPerChunk + index);
    if (value === undefined) continue;
    bytes.writeUInt32LE(value, index * 4);
    if (!isComplete) setBit(bytes, count * 4, index);
  }
  return bytes;
}

/**
 * Adds what a chunk knows to the column.
 * Throws: BallError("ball-corrupt") when it is not as long as its entries ask for.
 */
export function decodeCrc32Chunk(bytes: Uint8Array, chunk: number, crc32s: Crc32Column): void {
  const count = entryCountOfChunk(crc32s.entryCount, chunk);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isComplete = view.length === count * 4;
  if (!isComplete && view.length !== count * 4 + Math.ceil(count / 8)) {
    throw new BallError("ball-corrupt", `${view.length} bytes are not the CRC-32s of ${count} entries`);
  }
  for (let index = 0; index < count; index += 1) {
    if (!isComplete && !hasBit(view, count * 4, index)) continue;
    crc32s.set(chunk * entriesPerChunk + index, view.readUInt32LE(index * 4));
  }
}

function setBit(bytes: Buffer, offset: number, index: number): void {
  const at = offset + (index >> 3);
  bytes.writeUInt8(bytes.readUInt8(at) | (1 << (index & 7)), at);
}

function hasBit(bytes: Buffer, offset: number, index: number): boolean {
  return (bytes.readUInt8(offset + (index >> 3)) & (1 << (index & 7))) !== 0;
}

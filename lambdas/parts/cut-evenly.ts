import { type ByteRange, lengthOfByteRange } from "../layout/byte-range.ts";

/** A range in as few pieces of at most `mostBytes` as there can be, of equal lengths but for a byte. */
export function cutEvenly(range: ByteRange, mostBytes: number): readonly ByteRange[] {
  const lengthBytes = lengthOfByteRange(range);
  const count = Math.ceil(lengthBytes / mostBytes);
  const pieces: ByteRange[] = [];
  let { start } = range;
  for (let left = count; left > 0; left--) {
    const end = start + Math.ceil((range.end - start) / left);
    pieces.push({ start, end });
    start = end;
  }
  return pieces;
}

import { type ByteRange, lengthOfByteRange } from "../layout/byte-range.ts";

/** A range in as few pieces of at most `mostBytes` as there can be, of equal lengths but for a byte. */
export function cutEvenly(range: ByteRange, mostBytes: number): readonly ByteRange[] {
  const lengthBytes = lengthOfByteRange(range);
  const count = Math.ceil(lengthBytes / mostBytes);
  const borderAt = (index: number) =>
    range.start + Math.floor(lengthBytes / count) * index + Math.min(index, lengthBytes % count);
  return Array.from({ length: count }, (_, index) => ({ start: borderAt(index), end: borderAt(index + 1) }));
}

import type { ByteRange } from "../layout/byte-range.ts";

/**
 * The bytes that lie in at least one of the ranges, as the fewest ranges there are.
 * Shape: the answer's ranges grow, are not empty and do not touch; those given may lie in any way.
 */
export function unionRanges(ranges: Iterable<ByteRange>): ByteRange[] {
  const growing = [...ranges]
    .filter(({ start, end }) => start < end)
    .sort((one, other) => one.start - other.start);
  const union: ByteRange[] = [];
  for (const { start, end } of growing) {
    const last = union.at(-1);
    if (last === undefined || last.end < start) union.push({ start, end });
    else if (last.end < end) union.splice(-1, 1, { start: last.start, end });
  }
  return union;
}

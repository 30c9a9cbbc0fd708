import type { ByteRange } from "./byte-range.ts";
import { type Layout, lastIndexAtOrBefore } from "./layout.ts";
import { rangeOfSegment, type Segment } from "./segment.ts";

/** The intersection of one segment with a byte range: `start` and `end` count from the start of the segment. */
export type Slice = Segment & ByteRange;

/**
 * Slices of the layout that cover a range, in archive order, made as they are asked for.
 * Shape: every slice is non-empty; consecutive slices touch; their lengths add up to the range's.
 * Units: bytes from the start of the archive, half-open. Cost: a binary search, then constant for each slice.
 * Throws: RangeError, at once, when the range is not within the archive.
 */
export function sliceLayout(layout: Layout, range: ByteRange): Generator<Slice, void, undefined> {
  requireRangeWithin(layout, range);
  return slices(layout, range);
}

function* slices(layout: Layout, range: ByteRange): Generator<Slice, void, undefined> {
  for (const segment of segmentsFrom(layout, range.start)) {
    const { start, end } = rangeOfSegment(layout, segment);
    if (start >= range.end) return;
    const sliceStart = Math.max(start, range.start);
    const sliceEnd = Math.min(end, range.end);
    if (sliceStart < sliceEnd) yield { ...segment, start: sliceStart - start, end: sliceEnd - start };
  }
}

/** All segments from the one that holds `offset`, or a neighbour before it, to the end. */
function* segmentsFrom(layout: Layout, offset: number): Generator<Segment, void, undefined> {
  const { entryCount } = layout.source;
  if (offset < layout.centralDirectoryOffset) {
    for (let entry = lastIndexAtOrBefore(layout.localHeaderOffsets, offset); entry < entryCount; entry++) {
      yield { kind: "local-file-header", entry };
      yield { kind: "file-data", entry };
    }
  }
  for (let entry = lastIndexAtOrBefore(layout.centralHeaderOffsets, offset); entry < entryCount; entry++) {
    yield { kind: "central-directory-header", entry };
  }
  yield { kind: "end-of-central-directory" };
}

function requireRangeWithin(layout: Layout, { start, end }: ByteRange): void {
  const isRange = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end;
  if (isRange && end <= layout.lengthBytes) return;
  throw new RangeError(
    `[${start}, ${end}) is not a byte range of an archive of ${layout.lengthBytes} bytes.`,
  );
}

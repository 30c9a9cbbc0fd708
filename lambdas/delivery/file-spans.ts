import type { Manifest } from "../ball/manifest.ts";
import type { ByteRange } from "../layout/byte-range.ts";
import { localHeaderOffset, offsetAt } from "../layout/layout.ts";
import { planLayout } from "../layout/plan-layout.ts";

/**
 * Where the selected files of an archive lie, each from its local file header to the end of its data. Kept as two
 * growing columns, 16 bytes a file. Units: bytes from the start of the archive.
 */
export interface FileSpans {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** Directories and what was added to the selection have no span. Cost: that of planning the layout. */
export function fileSpansOf(manifest: Manifest): FileSpans {
  const layout = planLayout(manifest);
  const files: number[] = [];
  for (let entry = 0; entry < manifest.entryCount; entry += 1) {
    if (manifest.isSelectedFile(entry)) files.push(entry);
  }
  return {
    starts: Float64Array.from(files, (entry) => localHeaderOffset(layout, entry)),
    ends: Float64Array.from(files, (entry) => offsetAt(layout.localHeaderOffsets, entry + 1)),
  };
}

/** How many files lie wholly in one of the ranges, of which no two touch. Cost: a few steps for each range. */
export function countFilesWithin({ starts, ends }: FileSpans, ranges: readonly ByteRange[]): number {
  return ranges.reduce((count, { start, end }) => {
    // Files do not overlap: those that begin in the range and end in it are neighbours.
    const first = countBelow(starts, start);
    const afterLast = countBelow(ends, end + 1);
    return count + Math.max(0, afterLast - first);
  }, 0);
}

/** How many offsets of a growing column are less than `limit`. */
function countBelow(column: Float64Array, limit: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsetAt(column, middle) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

import type { ByteRange } from "../layout/byte-range.ts";
import { type HeaderSlice, isHeaderSlice, writeSlice } from "../layout/encode-slice.ts";
import type { Crc32Of } from "../layout/entry-fields.ts";
import type { Layout } from "../layout/layout.ts";
import { rangeOfSegment } from "../layout/segment.ts";
import { sliceLayout } from "../layout/slice-layout.ts";

/** A header that is written when all else of a part is there: its CRC-32 follows from bytes that come behind it. */
interface LateHeader {
  readonly slice: HeaderSlice;
  /** In bytes from the start of the archive. */
  readonly start: number;
  readonly end: number;
}

/** What an uploaded part is made of. */
export interface PartSpans {
  /** Stretches that are streamed, in order; with the late headers they are the part. */
  readonly streamed: readonly ByteRange[];
  readonly late: readonly LateHeader[];
}

/** The bytes of an archive's part, and which headers among them have to wait. `isLate` tells of an entry. */
export function spansOfPart(layout: Layout, part: ByteRange, isLate: (entry: number) => boolean): PartSpans {
  const late: LateHeader[] = [];
  const streamed: ByteRange[] = [];
  let start = part.start;
  for (const slice of sliceLayout(layout, part)) {
    if (!isHeaderSlice(slice) || !("entry" in slice) || !isLate(slice.entry)) continue;
    const offset = rangeOfSegment(layout, slice).start;
    const header = { slice, start: offset + slice.start, end: offset + slice.end };
    if (start < header.start) streamed.push({ start, end: header.start });
    late.push(header);
    start = header.end;
  }
  if (start < part.end) streamed.push({ start, end: part.end });
  return { streamed, late };
}

/** Writes the headers that waited into the part's bytes. */
export function writeLateHeaders(
  layout: Layout,
  part: ByteRange,
  { late }: PartSpans,
  bytes: Uint8Array,
  crc32Of: Crc32Of,
): void {
  for (const { slice, start } of late) writeSlice(layout, slice, bytes, start - part.start, crc32Of);
}

/** The entries whose local file header is in the range. */
export function entriesBegunIn(layout: Layout, range: ByteRange): number[] {
  const entries: number[] = [];
  for (const slice of sliceLayout(layout, range)) {
    if (slice.kind === "local-file-header") entries.push(slice.entry);
  }
  return entries;
}

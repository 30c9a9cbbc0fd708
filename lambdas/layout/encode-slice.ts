import { encodeCentralDirectoryHeader } from "../zip/central-directory-header.ts";
import { encodeEndOfCentralDirectory } from "../zip/end-of-central-directory.ts";
import { encodeLocalFileHeader } from "../zip/local-file-header.ts";
import type { CentralDirectoryTotals } from "../zip/zip64.ts";
import { lengthOfByteRange } from "./byte-range.ts";
import { type Crc32Of, entryFields } from "./entry-fields.ts";
import type { Layout } from "./layout.ts";
import { rangeOfSegment } from "./segment.ts";
import type { Slice } from "./slice-layout.ts";

/** A slice whose bytes can be computed: all but file data. */
export type HeaderSlice = Exclude<Slice, { kind: "file-data" }>;

/** Narrows a slice to one whose bytes can be computed. */
export function isHeaderSlice(slice: Slice): slice is HeaderSlice {
  return slice.kind !== "file-data";
}

/**
 * The bytes of a header slice; `crc32Of` is asked only for an entry with data, and throws when it does not know.
 */
export function encodeSlice(layout: Layout, slice: HeaderSlice, crc32Of: Crc32Of): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthOfByteRange(slice));
  writeSlice(layout, slice, bytes, 0, crc32Of);
  return bytes;
}

/**
 * Writes a header slice to `target` at `offset` and returns the offset after it, so that a run of small headers can
 * share one buffer. Throws: RangeError when it does not fit.
 */
export function writeSlice(
  layout: Layout,
  slice: HeaderSlice,
  target: Uint8Array,
  offset: number,
  crc32Of: Crc32Of,
): number {
  const segmentBytes = lengthOfByteRange(rangeOfSegment(layout, slice));
  if (lengthOfByteRange(slice) === segmentBytes) return writeSegment(layout, slice, target, offset, crc32Of);
  const segment = new Uint8Array(segmentBytes);
  writeSegment(layout, slice, segment, 0, crc32Of);
  target.set(segment.subarray(slice.start, slice.end), offset);
  return offset + lengthOfByteRange(slice);
}

function writeSegment(
  layout: Layout,
  segment: HeaderSlice,
  target: Uint8Array,
  offset: number,
  crc32Of: Crc32Of,
): number {
  switch (segment.kind) {
    case "local-file-header":
      return encodeLocalFileHeader(entryFields(layout, segment.entry, crc32Of), target, offset);
    case "central-directory-header":
      return encodeCentralDirectoryHeader(entryFields(layout, segment.entry, crc32Of), target, offset);
    case "end-of-central-directory":
      return encodeEndOfCentralDirectory(totalsOf(layout), target, offset);
  }
}

function totalsOf(layout: Layout): CentralDirectoryTotals {
  const { centralDirectoryOffset, endOfCentralDirectoryOffset } = layout;
  return {
    entryCount: layout.source.entryCount,
    centralDirectoryBytes: endOfCentralDirectoryOffset - centralDirectoryOffset,
    centralDirectoryOffset,
  };
}

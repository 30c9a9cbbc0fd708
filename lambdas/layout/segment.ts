import type { ByteRange } from "./byte-range.ts";
import { centralHeaderOffset, dataOffset, type Layout, localHeaderOffset, offsetAt } from "./layout.ts";

/** One gapless run of the layout: a header, which can be computed, or the data of one entry. */
export type Segment =
  | { readonly kind: "local-file-header"; readonly entry: number }
  | { readonly kind: "file-data"; readonly entry: number }
  | { readonly kind: "central-directory-header"; readonly entry: number }
  /** What ends the archive, with the zip64 records where they are needed. */
  | { readonly kind: "end-of-central-directory" };

/** Where a segment stands, in bytes from the start of the archive; empty for the data of an entry without any. */
export function rangeOfSegment(layout: Layout, segment: Segment): ByteRange {
  switch (segment.kind) {
    case "local-file-header":
      return { start: localHeaderOffset(layout, segment.entry), end: dataOffset(layout, segment.entry) };
    case "file-data":
      return {
        start: dataOffset(layout, segment.entry),
        end: offsetAt(layout.localHeaderOffsets, segment.entry + 1),
      };
    case "central-directory-header":
      return {
        start: centralHeaderOffset(layout, segment.entry),
        end: offsetAt(layout.centralHeaderOffsets, segment.entry + 1),
      };
    case "end-of-central-directory":
      return { start: layout.endOfCentralDirectoryOffset, end: layout.lengthBytes };
  }
}

import type { ByteRange } from "../layout/byte-range.ts";
import { type HeaderSlice, isHeaderSlice } from "../layout/encode-slice.ts";
import type { Layout } from "../layout/layout.ts";
import { type Slice, sliceLayout } from "../layout/slice-layout.ts";

/** What is done for one stretch of a download. */
export type Step =
  /** Neighbouring headers, or parts of headers. */
  | { readonly kind: "headers"; readonly slices: readonly HeaderSlice[]; readonly lengthBytes: number }
  /** A part of one entry's file data, read from its source by one read. */
  | {
      readonly kind: "read";
      readonly entry: number;
      /** In bytes of the source object, half-open. */
      readonly start: number;
      readonly end: number;
      readonly lengthBytes: number;
      /** Whether all of the entry's data is in the download, so that its CRC-32 can be checked. */
      readonly isWholeBody: boolean;
    };

/** The entries whose headers are made. */
export function entriesOf({ slices }: Extract<Step, { kind: "headers" }>): number[] {
  return slices.flatMap((slice) => ("entry" in slice ? [slice.entry] : []));
}

/** Most bytes of headers made at once. */
const maxHeadersBytes = 64 * 1024;

/**
 * The steps that together make a byte range of the archive, in its order, made as they are asked for.
 * `pieceBytes`: the most bytes of the next read, asked for when it is made.
 */
export function* stepsOf(
  layout: Layout,
  range: ByteRange,
  pieceBytes: () => number,
): Generator<Step, void, undefined> {
  let headers: HeaderSlice[] = [];
  let headersBytes = 0;
  for (const slice of sliceLayout(layout, range)) {
    const lengthBytes = slice.end - slice.start;
    const isHeader = isHeaderSlice(slice);
    if (headers.length > 0 && (!isHeader || headersBytes + lengthBytes > maxHeadersBytes)) {
      yield { kind: "headers", slices: headers, lengthBytes: headersBytes };
      headers = [];
      headersBytes = 0;
    }
    if (isHeader) {
      headers.push(slice);
      headersBytes += lengthBytes;
    } else yield* readsOf(layout, slice, pieceBytes);
  }
  if (headers.length > 0) yield { kind: "headers", slices: headers, lengthBytes: headersBytes };
}

function* readsOf(
  layout: Layout,
  slice: Extract<Slice, { kind: "file-data" }>,
  pieceBytes: () => number,
): Generator<Step, void, undefined> {
  const { entry } = slice;
  const isWholeBody = slice.start === 0 && slice.end === layout.source.sizeBytes(entry);
  for (let start = slice.start; start < slice.end; ) {
    const end = Math.min(start + pieceBytes(), slice.end);
    yield { kind: "read", entry, start, end, lengthBytes: end - start, isWholeBody };
    start = end;
  }
}

/** What the layout needs of a manifest; entries are numbered from 0 in archive order. */
export interface LayoutSource {
  /** Version of the writer whose bytes these are (writer-version.ts). */
  readonly writerVersion: number;
  readonly entryCount: number;
  nameLengthBytes(entry: number): number;
  /** Copies the name in UTF-8 to `target` at `offset`; a directory's ends in "/". */
  writeName(entry: number, target: Uint8Array, offset: number): void;
  /** Length of the file data; 0 for a directory. */
  sizeBytes(entry: number): number;
  mtimeEpochSeconds(entry: number): number;
  isDirectory(entry: number): boolean;
}

/**
 * Where every byte of the archive comes from: for each entry its local file header and its file data, then for each
 * entry its central directory header, then the end of central directory. It is the only arithmetic: lengths,
 * offsets and ranges are read from here. Kept are two columns, 16 bytes an entry; the rest is asked of the
 * source when it is needed. Made by planLayout. Units: bytes from the start of the archive.
 */
export interface Layout {
  readonly source: LayoutSource;
  /** Length of the whole archive. */
  readonly lengthBytes: number;
  readonly centralDirectoryOffset: number;
  readonly endOfCentralDirectoryOffset: number;
  /** Offset of each entry's local file header, and at the end the central directory's. */
  readonly localHeaderOffsets: Float64Array;
  /** Offset of each entry's central directory header, and at the end the end of central directory's. */
  readonly centralHeaderOffsets: Float64Array;
}

/** Where an entry's local file header starts. Throws: RangeError when there is no such entry. */
export function localHeaderOffset(layout: Layout, entry: number): number {
  requireEntry(layout, entry);
  return offsetAt(layout.localHeaderOffsets, entry);
}

/** Where an entry's file data starts (or would, when it has none). Throws: RangeError when there is no such entry. */
export function dataOffset(layout: Layout, entry: number): number {
  requireEntry(layout, entry);
  return offsetAt(layout.localHeaderOffsets, entry + 1) - layout.source.sizeBytes(entry);
}

/** Where an entry's central directory header starts. Throws: RangeError when there is no such entry. */
export function centralHeaderOffset(layout: Layout, entry: number): number {
  requireEntry(layout, entry);
  return offsetAt(layout.centralHeaderOffsets, entry);
}

/** An offset of a column. Throws: RangeError when the column ends before it. */
export function offsetAt(column: Float64Array, index: number): number {
  const offset = column[index];
  if (offset === undefined)
    throw new RangeError(`There is no offset ${index} in a column of ${column.length}.`);
  return offset;
}

/** The last index of a growing column whose offset is not beyond `offset`; 0 when all are. */
export function lastIndexAtOrBefore(column: Float64Array, offset: number): number {
  let low = 0;
  let high = column.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (offsetAt(column, middle) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function requireEntry(layout: Layout, entry: number): void {
  if (entry >= 0 && entry < layout.source.entryCount) return;
  throw new RangeError(`There is no entry ${entry} in an archive of ${layout.source.entryCount}.`);
}

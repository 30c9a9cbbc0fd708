import type { EntryFields, EntryShape } from "../zip/entry.ts";
import { type Layout, type LayoutSource, localHeaderOffset } from "./layout.ts";

/** What the lengths of an entry's headers depend on, as the zip room wants it. */
export function entryShape(source: LayoutSource, entry: number, headerOffset: number): EntryShape {
  return {
    nameLengthBytes: source.nameLengthBytes(entry),
    sizeBytes: source.sizeBytes(entry),
    mtimeEpochSeconds: source.mtimeEpochSeconds(entry),
    localHeaderOffset: headerOffset,
  };
}

/** The CRC-32 of an entry's file data; asked only for entries that have data. */
export type Crc32Of = (entry: number) => number;

/** All that an entry's headers say, as the zip room wants it. */
export function entryFields(layout: Layout, entry: number, crc32Of: Crc32Of): EntryFields {
  const { source } = layout;
  const nameLengthBytes = source.nameLengthBytes(entry);
  const sizeBytes = source.sizeBytes(entry);
  const name = new Uint8Array(nameLengthBytes);
  source.writeName(entry, name, 0);
  return {
    nameLengthBytes,
    sizeBytes,
    mtimeEpochSeconds: source.mtimeEpochSeconds(entry),
    localHeaderOffset: localHeaderOffset(layout, entry),
    name,
    isDirectory: source.isDirectory(entry),
    crc32: sizeBytes === 0 ? 0 : crc32Of(entry),
  };
}

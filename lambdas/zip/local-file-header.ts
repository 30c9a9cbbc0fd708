import { dosDateTime } from "./dos-date-time.ts";
import type { EntryFields, EntryShape } from "./entry.ts";
import { lengthOfExtendedTimestamp, writeExtendedTimestamp } from "./extended-timestamp.ts";
import { FieldWriter } from "./field-writer.ts";
import {
  generalPurposeFlags,
  localFileHeaderFixedBytes,
  localFileHeaderSignature,
  methodStored,
  sentinel32,
} from "./format.ts";
import { localFileHeaderNeedsZip64, versionNeeded } from "./zip64.ts";
import { lengthOfLocalZip64ExtraField, writeLocalZip64ExtraField } from "./zip64-extra-field.ts";

/** Bytes of an entry's local file header with its name and extra fields. */
export function lengthOfLocalFileHeader(entry: EntryShape): number {
  return localFileHeaderFixedBytes + entry.nameLengthBytes + lengthOfExtraFields(entry);
}

/**
 * Writes an entry's local file header at `offset` and returns the offset after it.
 * CRC-32 and sizes stand here, not in a data descriptor: readers of a pipe refuse stored entries that have one.
 * Throws: RangeError when a value does not fit its field or the header does not fit `target`.
 * Source: APPNOTE 4.3.7.
 */
export function encodeLocalFileHeader(entry: EntryFields, target: Uint8Array, offset: number): number {
  const { date, time } = dosDateTime(entry.mtimeEpochSeconds);
  const size = localFileHeaderNeedsZip64(entry) ? sentinel32 : entry.sizeBytes;
  const writer = new FieldWriter(target, offset)
    .u32(localFileHeaderSignature)
    .u16(versionNeeded(entry))
    .u16(generalPurposeFlags)
    .u16(methodStored)
    .u16(time)
    .u16(date)
    .u32(entry.crc32)
    .u32(size) // compressed size
    .u32(size) // uncompressed size
    .u16(entry.nameLengthBytes)
    .u16(lengthOfExtraFields(entry))
    .bytes(entry.name);
  writeLocalZip64ExtraField(writer, entry);
  writeExtendedTimestamp(writer, entry.mtimeEpochSeconds);
  return writer.offset;
}

function lengthOfExtraFields(entry: EntryShape): number {
  return lengthOfLocalZip64ExtraField(entry) + lengthOfExtendedTimestamp(entry.mtimeEpochSeconds);
}

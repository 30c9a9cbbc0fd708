import { dosDateTime } from "./dos-date-time.ts";
import type { EntryFields, EntryShape } from "./entry.ts";
import { lengthOfExtendedTimestamp, writeExtendedTimestamp } from "./extended-timestamp.ts";
import { FieldWriter } from "./field-writer.ts";
import {
  centralDirectoryHeaderFixedBytes,
  centralDirectoryHeaderSignature,
  directoryAttributes,
  fileAttributes,
  generalPurposeFlags,
  methodStored,
  sentinel16,
  sentinel32,
  versionMadeBy,
} from "./format.ts";
import { centralDirectoryHeaderNeedsZip64, versionNeeded } from "./zip64.ts";
import { lengthOfCentralZip64ExtraField, writeCentralZip64ExtraField } from "./zip64-extra-field.ts";

/** Bytes of an entry's central directory header with its name and extra fields. */
export function lengthOfCentralDirectoryHeader(entry: EntryShape): number {
  return centralDirectoryHeaderFixedBytes + entry.nameLengthBytes + lengthOfExtraFields(entry);
}

/**
 * Writes an entry's central directory header at `offset` and returns the offset after it.
 * With zip64 all four fields that can overflow carry their sentinel, also those that would fit.
 * Throws: RangeError when a value does not fit its field or the header does not fit `target`.
 * Source: APPNOTE 4.3.12.
 */
export function encodeCentralDirectoryHeader(entry: EntryFields, target: Uint8Array, offset: number): number {
  const { date, time } = dosDateTime(entry.mtimeEpochSeconds);
  const zip64 = centralDirectoryHeaderNeedsZip64(entry);
  const size = zip64 ? sentinel32 : entry.sizeBytes;
  const writer = new FieldWriter(target, offset)
    .u32(centralDirectoryHeaderSignature)
    .u16(versionMadeBy)
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
    .u16(0) // comment length
    .u16(zip64 ? sentinel16 : 0) // disk on which the entry starts
    .u16(0) // internal attributes
    .u32(entry.isDirectory ? directoryAttributes : fileAttributes)
    .u32(zip64 ? sentinel32 : entry.localHeaderOffset)
    .bytes(entry.name);
  writeCentralZip64ExtraField(writer, entry);
  writeExtendedTimestamp(writer, entry.mtimeEpochSeconds);
  return writer.offset;
}

function lengthOfExtraFields(entry: EntryShape): number {
  return lengthOfCentralZip64ExtraField(entry) + lengthOfExtendedTimestamp(entry.mtimeEpochSeconds);
}

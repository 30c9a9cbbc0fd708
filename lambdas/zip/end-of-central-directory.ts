import { FieldWriter } from "./field-writer.ts";
import {
  endOfCentralDirectoryBytes,
  endOfCentralDirectorySignature,
  versionMadeBy,
  versionNeededZip64,
  zip64EndOfCentralDirectoryBytes,
  zip64EndOfCentralDirectoryLocatorBytes,
  zip64EndOfCentralDirectoryLocatorSignature,
  zip64EndOfCentralDirectorySignature,
} from "./format.ts";
import {
  type CentralDirectoryTotals,
  endOfCentralDirectoryNeedsZip64,
  orSentinel16,
  orSentinel32,
} from "./zip64.ts";

/** Bytes from the end of the central directory to the end of the archive: with zip64, three records. */
export function lengthOfEndOfCentralDirectory(totals: CentralDirectoryTotals): number {
  const zip64Bytes = zip64EndOfCentralDirectoryBytes + zip64EndOfCentralDirectoryLocatorBytes;
  return endOfCentralDirectoryBytes + (endOfCentralDirectoryNeedsZip64(totals) ? zip64Bytes : 0);
}

/**
 * Writes what ends the archive at `offset` and returns the offset after it: where a total overflows, the zip64 end
 * of central directory record and its locator; always the end of central directory record, whose fields carry
 * the sentinel only where they overflow themselves.
 * Throws: RangeError when a value does not fit its field or the records do not fit `target`.
 * Source: APPNOTE 4.3.14, 4.3.15, 4.3.16.
 */
export function encodeEndOfCentralDirectory(
  totals: CentralDirectoryTotals,
  target: Uint8Array,
  offset: number,
): number {
  const writer = new FieldWriter(target, offset);
  if (endOfCentralDirectoryNeedsZip64(totals)) {
    writeZip64Record(writer, totals);
    writeZip64Locator(writer, totals);
  }
  writer
    .u32(endOfCentralDirectorySignature)
    .u16(0) // this disk
    .u16(0) // disk of the central directory
    .u16(orSentinel16(totals.entryCount)) // entries on this disk
    .u16(orSentinel16(totals.entryCount)) // entries
    .u32(orSentinel32(totals.centralDirectoryBytes))
    .u32(orSentinel32(totals.centralDirectoryOffset))
    .u16(0); // comment length
  return writer.offset;
}

function writeZip64Record(writer: FieldWriter, totals: CentralDirectoryTotals): void {
  writer
    .u32(zip64EndOfCentralDirectorySignature)
    .u64(zip64EndOfCentralDirectoryBytes - 12) // bytes of the record after this field
    .u16(versionMadeBy)
    .u16(versionNeededZip64)
    .u32(0) // this disk
    .u32(0) // disk of the central directory
    .u64(totals.entryCount) // entries on this disk
    .u64(totals.entryCount) // entries
    .u64(totals.centralDirectoryBytes)
    .u64(totals.centralDirectoryOffset);
}

function writeZip64Locator(writer: FieldWriter, totals: CentralDirectoryTotals): void {
  writer
    .u32(zip64EndOfCentralDirectoryLocatorSignature)
    .u32(0) // disk of the zip64 record
    .u64(totals.centralDirectoryOffset + totals.centralDirectoryBytes) // offset of the zip64 record
    .u32(1); // disks in total: with 0 readers call the archive corrupt
}

import type { FieldWriter } from "./field-writer.ts";
import { centralDirectoryHeaderNeedsZip64, localFileHeaderNeedsZip64 } from "./zip64.ts";

/**
 * The zip64 extended information extra field, 0x0001 (APPNOTE 4.5.3). It stands first among the extra fields. In the
 * central header it is always the full form: The Unarchiver loses files on the shorter ones.
 */

const tag = 0x0001;
const localPayloadBytes = 16;
const centralPayloadBytes = 28;

/** Bytes of the field in a local file header with its tag and length, 0 when it is not needed. */
export function lengthOfLocalZip64ExtraField(entry: { readonly sizeBytes: number }): number {
  return localFileHeaderNeedsZip64(entry) ? 4 + localPayloadBytes : 0;
}

/** Bytes of the field in a central directory header with its tag and length, 0 when it is not needed. */
export function lengthOfCentralZip64ExtraField(entry: {
  readonly sizeBytes: number;
  readonly localHeaderOffset: number;
}): number {
  return centralDirectoryHeaderNeedsZip64(entry) ? 4 + centralPayloadBytes : 0;
}

/** Both sizes, or nothing when they fit the header. */
export function writeLocalZip64ExtraField(writer: FieldWriter, entry: { readonly sizeBytes: number }): void {
  if (!localFileHeaderNeedsZip64(entry)) return;
  writer
    .u16(tag)
    .u16(localPayloadBytes)
    .u64(entry.sizeBytes) // uncompressed size
    .u64(entry.sizeBytes); // compressed size
}

/** Both sizes, offset and disk, or nothing when they fit the header. */
export function writeCentralZip64ExtraField(
  writer: FieldWriter,
  entry: { readonly sizeBytes: number; readonly localHeaderOffset: number },
): void {
  if (!centralDirectoryHeaderNeedsZip64(entry)) return;
  writer
    .u16(tag)
    .u16(centralPayloadBytes)
    .u64(entry.sizeBytes) // uncompressed size
    .u64(entry.sizeBytes) // compressed size
    .u64(entry.localHeaderOffset)
    .u32(0); // disk on which the entry starts
}

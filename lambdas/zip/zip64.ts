import { sentinel16, sentinel32, versionNeededBase, versionNeededZip64 } from "./format.ts";

/**
 * Where zip64 is needed, and so where it is used: one predicate for each record, which its header, its extra field
 * and its length share. Every limit is `>=`, because a field of all ones means "see the zip64 field" and can not
 * hold that value itself (APPNOTE 4.4.1.4).
 */

/** What the end of central directory has to say. Lengths and offsets in bytes. */
export interface CentralDirectoryTotals {
  readonly entryCount: number;
  readonly centralDirectoryBytes: number;
  readonly centralDirectoryOffset: number;
}

export function localFileHeaderNeedsZip64(entry: { readonly sizeBytes: number }): boolean {
  return overflows32(entry.sizeBytes);
}

export function centralDirectoryHeaderNeedsZip64(entry: {
  readonly sizeBytes: number;
  readonly localHeaderOffset: number;
}): boolean {
  return overflows32(entry.sizeBytes) || overflows32(entry.localHeaderOffset);
}

export function endOfCentralDirectoryNeedsZip64(totals: CentralDirectoryTotals): boolean {
  return (
    overflows16(totals.entryCount) ||
    overflows32(totals.centralDirectoryBytes) ||
    overflows32(totals.centralDirectoryOffset)
  );
}

/**
 * Version needed to extract, the same in both headers of an entry: the central header needs zip64 whenever the
 * local one does, and for a far offset alone as well.
 */
export function versionNeeded(entry: {
  readonly sizeBytes: number;
  readonly localHeaderOffset: number;
}): number {
  return centralDirectoryHeaderNeedsZip64(entry) ? versionNeededZip64 : versionNeededBase;
}

/** The value of a 16-bit field, or its sentinel when the value is told elsewhere. */
export function orSentinel16(value: number): number {
  return overflows16(value) ? sentinel16 : value;
}

/** The value of a 32-bit field, or its sentinel when the value is told elsewhere. */
export function orSentinel32(value: number): number {
  return overflows32(value) ? sentinel32 : value;
}

function overflows16(value: number): boolean {
  return value >= sentinel16;
}

function overflows32(value: number): boolean {
  return value >= sentinel32;
}

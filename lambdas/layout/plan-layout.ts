import { lengthOfCentralDirectoryHeader } from "../zip/central-directory-header.ts";
import { lengthOfEndOfCentralDirectory } from "../zip/end-of-central-directory.ts";
import { maxNameBytes } from "../zip/format.ts";
import { lengthOfLocalFileHeader } from "../zip/local-file-header.ts";
import { entryShape } from "./entry-fields.ts";
import { type Layout, type LayoutSource, offsetAt } from "./layout.ts";
import { requireSupportedWriterVersion } from "./writer-version.ts";

/**
 * The layout of an archive: a function of the source alone (no clock, randomness, environment or time zone), and
 * independent of every CRC-32.
 * Cost: two passes over the entries; 16 bytes an entry are kept.
 * Throws: RangeError for an archive without entries (readers refuse it), a value no header can hold, a directory
 * with data, or an archive of 2^53 bytes or more; Error for an unknown writer version.
 */
export function planLayout(source: LayoutSource): Layout {
  requireSupportedWriterVersion(source.writerVersion);
  const { entryCount } = source;
  if (entryCount === 0)
    throw new RangeError("An archive needs at least one entry: readers refuse an empty one.");

  const localHeaderOffsets = placeLocalHeaders(source);
  const centralDirectoryOffset = offsetAt(localHeaderOffsets, entryCount);
  const centralHeaderOffsets = placeCentralHeaders(source, localHeaderOffsets);
  const endOfCentralDirectoryOffset = offsetAt(centralHeaderOffsets, entryCount);
  const centralDirectoryBytes = endOfCentralDirectoryOffset - centralDirectoryOffset;
  const lengthBytes =
    endOfCentralDirectoryOffset +
    lengthOfEndOfCentralDirectory({ entryCount, centralDirectoryBytes, centralDirectoryOffset });
  // Offsets only grow: when the last one is exact, so are all before it.
  if (!Number.isSafeInteger(lengthBytes)) throw new RangeError("An archive must be shorter than 2^53 bytes.");
  return {
    source,
    lengthBytes,
    centralDirectoryOffset,
    endOfCentralDirectoryOffset,
    localHeaderOffsets,
    centralHeaderOffsets,
  };
}

function placeLocalHeaders(source: LayoutSource): Float64Array {
  const offsets = new Float64Array(source.entryCount + 1);
  let offset = 0;
  for (let entry = 0; entry < source.entryCount; entry++) {
    requireUsableEntry(source, entry);
    const shape = entryShape(source, entry, offset);
    offset += lengthOfLocalFileHeader(shape) + shape.sizeBytes;
    offsets[entry + 1] = offset;
  }
  return offsets;
}

function placeCentralHeaders(source: LayoutSource, localHeaderOffsets: Float64Array): Float64Array {
  const offsets = new Float64Array(source.entryCount + 1);
  let offset = offsetAt(localHeaderOffsets, source.entryCount);
  offsets[0] = offset;
  for (let entry = 0; entry < source.entryCount; entry++) {
    offset += lengthOfCentralDirectoryHeader(entryShape(source, entry, offsetAt(localHeaderOffsets, entry)));
    offsets[entry + 1] = offset;
  }
  return offsets;
}

function requireUsableEntry(source: LayoutSource, entry: number): void {
  const nameLengthBytes = source.nameLengthBytes(entry);
  const sizeBytes = source.sizeBytes(entry);
  const mtimeEpochSeconds = source.mtimeEpochSeconds(entry);
  if (!Number.isInteger(nameLengthBytes) || nameLengthBytes < 1 || nameLengthBytes > maxNameBytes) {
    throw new RangeError(`Entry ${entry}: a name takes 1 to ${maxNameBytes} bytes, not ${nameLengthBytes}.`);
  }
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw new RangeError(`Entry ${entry}: a size is an integer from 0 to 2^53 - 1, not ${sizeBytes}.`);
  }
  if (sizeBytes > 0 && source.isDirectory(entry)) {
    throw new RangeError(`Entry ${entry}: a directory has no data, but this one has ${sizeBytes} bytes.`);
  }
  if (!Number.isSafeInteger(mtimeEpochSeconds)) {
    throw new RangeError(`Entry ${entry}: a time is in whole seconds, not ${mtimeEpochSeconds}.`);
  }
}

import { crc32 } from "node:zlib";
import type { PinnedSource, SourceReader } from "../ball/source.ts";

/** Bytes asked for at once when an object is read for its CRC-32. */
const readBytes = 2 * 1024 * 1024;

/** CRC-32 of a pinned source object's bytes. Holds one read of some MiB at a time. */
export async function readCrc32(
  reader: SourceReader,
  source: PinnedSource,
  signal?: AbortSignal,
): Promise<number> {
  let value = 0;
  for (let start = 0; start < source.sizeBytes; start += readBytes) {
    const range = { start, end: Math.min(start + readBytes, source.sizeBytes) };
    value = crc32(await reader.read(source, range, signal), value);
  }
  return value;
}

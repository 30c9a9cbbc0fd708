import type { PinnedSource, SourceReader } from "../ball/source.ts";
import { combineCrc32s } from "./combine-crc32.ts";

/** CRC-32 of a pinned source object from those of the parts it was uploaded in; undefined where S3 does not tell them. */
export async function crc32FromParts(
  reader: SourceReader,
  source: PinnedSource,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const parts = await reader.partCrc32s(source, signal);
  return parts === undefined ? undefined : combineCrc32s(parts);
}

import { crc32 } from "node:zlib";
import { BodyMd5 } from "../ball/body-md5.ts";
import { BallError } from "../ball/errors.ts";
import type { PinnedSource, SourceReader } from "../ball/source.ts";

/** What is read for its CRC-32. */
export interface ReadSource extends PinnedSource {
  /** MD5 of its bytes in hexadecimal, where it is known: what was read is held to it. */
  readonly md5?: string | undefined;
}

/**
 * CRC-32 of a pinned source object's bytes, as they pass. Holds what one read does.
 * Throws: BallError("source-corrupt") for bytes that do not have the MD5 they should, and what `read` throws.
 */
export async function readCrc32(
  reader: SourceReader,
  source: ReadSource,
  signal?: AbortSignal,
): Promise<number> {
  const { key, sizeBytes, md5: expected } = source;
  if (sizeBytes === 0) return 0;
  const md5 = new BodyMd5();
  let value = 0;
  const read = reader.read(source, { start: 0, end: sizeBytes }, signal);
  for (let chunks = await read.take(); chunks !== undefined; chunks = await read.take()) {
    for (const chunk of chunks) {
      value = crc32(chunk, value);
      if (expected !== undefined) md5.update(chunk);
    }
  }
  const found = md5.digest();
  if (expected === undefined || found === expected) return value;
  throw new BallError(
    "source-corrupt",
    `The bytes of ${JSON.stringify(key)} have the MD5 ${found} where their ETag says ${expected}`,
  );
}

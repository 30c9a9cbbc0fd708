import type { PinnedSource, SourceReader } from "../ball/source.ts";
import { crc32FromParts } from "../crc32/crc32-from-parts.ts";
import { readCrc32 } from "../crc32/read-crc32.ts";
import type { CorrectedCrc32, RefutedCrc32 } from "./refuted-crc32s.ts";

/** The client of the answer that broke waits that long at most, in milliseconds. */
const timeoutMs = 10_000;
/** What is read once more at most: little enough to be read while that client waits. */
const mostReadBytes = 16 * 1024 * 1024;

/**
 * Learns refuted CRC-32s anew, from S3 alone: what was kept of them elsewhere may be what was wrong.
 *
 * What S3 tells goes before what its bytes have: it was held to the bytes when they were uploaded. So a body that does
 * not have it is sent to nobody as a good one, however often it is asked for. Where S3 tells none, a small object
 * is read once more, held to its MD5; a large one is left to the next download, which does the same before its header.
 *
 * Shape: none for a CRC-32 that stays the same, when none of the bytes has gone out: what was promised still stands.
 */
export async function correctCrc32s(
  reader: SourceReader,
  refuted: readonly RefutedCrc32[],
): Promise<CorrectedCrc32[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  const correct = async (one: RefutedCrc32): Promise<CorrectedCrc32[]> => {
    const learned = await learnAnew(reader, one, signal);
    return one.hasLeft || learned !== one.crc32 ? [{ refuted: one, crc32: learned }] : [];
  };
  return (await Promise.all(refuted.map(correct))).flat();
}

/**
 * Where S3 fails, or serves other bytes than their MD5 says: the refuted one itself, so that a download which takes the
 * CRC-32 of a small body from its bytes does not believe them; the next refutation asks again. A large body is never
 * believed so.
 */
async function learnAnew(
  reader: SourceReader,
  { source, crc32 }: RefutedCrc32,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    return await crc32OfS3(reader, source, signal);
  } catch {
    return source.sizeBytes > mostReadBytes ? undefined : crc32;
  }
}

async function crc32OfS3(
  reader: SourceReader,
  source: PinnedSource,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { crc32, md5 } = await reader.describePinned(source, signal);
  if (typeof crc32 === "number") return crc32;
  const combined = crc32 === "in parts" ? await crc32FromParts(reader, source, signal) : undefined;
  if (combined !== undefined || source.sizeBytes > mostReadBytes) return combined;
  return await readCrc32(reader, { ...source, md5 }, signal);
}

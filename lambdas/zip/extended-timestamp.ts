import type { FieldWriter } from "./field-writer.ts";

const tag = 0x5455;
const payloadBytes = 5;
const maxEpochSeconds = 0x7fffffff;
/** Flags: only the modification time follows. */
const modificationTimePresent = 1;

/**
 * Whether a time fits the extended timestamp: readers disagree on the sign of its 32 bits, so only times that both
 * readings share are written.
 */
function hasExtendedTimestamp(mtimeEpochSeconds: number): boolean {
  return mtimeEpochSeconds >= 0 && mtimeEpochSeconds <= maxEpochSeconds;
}

/** Bytes of the extra field with its tag and length, 0 when the time does not fit it. */
export function lengthOfExtendedTimestamp(mtimeEpochSeconds: number): number {
  return hasExtendedTimestamp(mtimeEpochSeconds) ? 4 + payloadBytes : 0;
}

/**
 * The extra field 0x5455 with the modification time in UTC seconds, the same in local and central header; nothing
 * when the time does not fit it. Source: Info-ZIP, proginfo/extrafld.txt (APPNOTE 4.6.1 lists the tag).
 */
export function writeExtendedTimestamp(writer: FieldWriter, mtimeEpochSeconds: number): void {
  if (!hasExtendedTimestamp(mtimeEpochSeconds)) return;
  writer.u16(tag).u16(payloadBytes).u8(modificationTimePresent).u32(mtimeEpochSeconds);
}

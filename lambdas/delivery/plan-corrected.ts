import type { Ball, Plan } from "../ball/ball.ts";
import { Crc32Column } from "../ball/crc32-column.ts";
import { encodeManifest } from "../ball/encode-manifest.ts";
import { etagOf } from "../ball/etag.ts";
import type { NewPlan, PlannedBall } from "./planned-ball.ts";
import type { CorrectedCrc32 } from "./refuted-crc32s.ts";
import { identityOfEntry, identityOfSource } from "./source-identity.ts";

/**
 * The CRC-32s of a ball's present plan as they are to be in one that comes after it: all that are known and not
 * refuted. undefined when there need be none: what was refuted is another plan's, and this one does not tell it, or
 * tells what would be told again.
 */
export function correctedCrc32s(
  { ball, manifest, crc32s }: PlannedBall,
  corrections: readonly CorrectedCrc32[],
): Crc32Column | undefined {
  if (corrections.length === 0) return undefined;
  const bySource = new Map(corrections.map((one) => [identityOfSource(one.refuted.source), one]));
  const corrected = new Crc32Column(manifest.entryCount);
  let isOther = false;
  for (let entry = 0; entry < manifest.entryCount; entry += 1) {
    const before = crc32s.get(entry);
    const correction = bySource.get(identityOfEntry(manifest, entry));
    const isCorrected = correction !== undefined && concerns(correction, ball, before);
    isOther ||= isCorrected;
    const value = isCorrected ? correction.crc32 : before;
    if (value !== undefined) corrected.set(entry, value);
  }
  return isOther ? corrected : undefined;
}

/** Of the plan it was refuted in, whatever comes in its place: a client may have a part that is wrong. */
function concerns(
  { refuted, crc32 }: CorrectedCrc32,
  { planNumber }: Ball,
  present: number | undefined,
): boolean {
  return planNumber === refuted.planNumber || (present === refuted.crc32 && crc32 !== refuted.crc32);
}

/** The plan that comes after a ball's present one when nothing but its CRC-32s is to change: another entity tag. */
export function planAgain(
  { ball, manifest }: PlannedBall,
  crc32s: Crc32Column,
  plannedAtEpochSeconds: number,
): NewPlan {
  const planned = manifest.ofPlan(ball.planNumber + 1);
  const { lengthBytes, entryCount, fileCount, skippedFileCount, skippedFolderCount } = ball;
  const plan: Plan = {
    planNumber: planned.planNumber,
    plannedAtEpochSeconds,
    etag: etagOf(encodeManifest(planned)),
    ...{ lengthBytes, entryCount, fileCount, skippedFileCount, skippedFolderCount },
  };
  return { plan, manifest: planned, crc32s };
}

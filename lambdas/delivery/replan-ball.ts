import type { Ball, BallStore } from "../ball/ball.ts";
import type { GoneSource } from "./gone-sources.ts";
import { correctedCrc32s, planAgain } from "./plan-corrected.ts";
import { planWithout } from "./plan-without.ts";
import { type NewPlan, type PlannedBall, plannedAfter } from "./planned-ball.ts";
import type { CorrectedCrc32 } from "./refuted-crc32s.ts";

/** What a plan can not stay as it is for. */
export interface Findings {
  readonly gone: readonly GoneSource[];
  readonly corrections: readonly CorrectedCrc32[];
}

/** A ball whose plan has none of the sources that are gone, and tells no CRC-32 that is known to be wrong. */
export interface ReplannedBall {
  readonly ball: Ball;
  /** Whether this plan was made here, and not by another request meanwhile. */
  readonly isOurs: boolean;
}

/**
 * Plans a ball anew for what was found of its sources. Where another request came to a plan first, that is taken, and
 * planned anew once more if it still has some of it.
 */
export async function replanBall(
  store: BallStore,
  ball: Ball,
  findings: Findings,
  now: Date,
): Promise<ReplannedBall> {
  for (let present = ball; ; ) {
    const [manifest, crc32s] = await Promise.all([store.getManifest(present), store.getCrc32s(present)]);
    const next = planAnew({ ball: present, manifest, crc32s }, findings, Math.floor(now.getTime() / 1000));
    if (next === undefined) return { ball: present, isOurs: false };
    present = await store.replan(present, next.plan, next.manifest, next.crc32s);
    if (present.etag === next.plan.etag) return { ball: present, isOurs: true };
  }
}

function planAnew(
  present: PlannedBall,
  { gone, corrections }: Findings,
  nowEpochSeconds: number,
): NewPlan | undefined {
  const corrected = correctedCrc32s(present, corrections);
  const without = planWithout({ ...present, crc32s: corrected ?? present.crc32s }, gone, nowEpochSeconds);
  if (without !== undefined || corrected === undefined) return without;
  return planAgain(present, corrected, plannedAfter(present.ball, nowEpochSeconds));
}

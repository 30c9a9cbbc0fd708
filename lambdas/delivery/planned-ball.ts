import type { Ball, Plan } from "../ball/ball.ts";
import type { Crc32Column } from "../ball/crc32-column.ts";
import type { Manifest } from "../ball/manifest.ts";

/** A ball and what is stored of its present plan. */
export interface PlannedBall {
  readonly ball: Ball;
  readonly manifest: Manifest;
  readonly crc32s: Crc32Column;
}

/** What is to be stored of another plan. */
export interface NewPlan {
  readonly plan: Plan;
  readonly manifest: Manifest;
  readonly crc32s: Crc32Column;
}

/** When the plan after a ball's present one is made. A date of HTTP has whole seconds: two plans never share one. */
export function plannedAfter(ball: Ball, nowEpochSeconds: number): number {
  return Math.max(nowEpochSeconds, ball.plannedAtEpochSeconds + 1);
}

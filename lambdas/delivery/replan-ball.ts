import type { Ball, BallStore } from "../ball/ball.ts";
import type { GoneSource } from "./gone-sources.ts";
import { planWithout } from "./plan-without.ts";

/** A ball whose plan has none of the sources that are gone. */
export interface ReplannedBall {
  readonly ball: Ball;
  /** Whether this plan was made here, and not by another request meanwhile. */
  readonly isOurs: boolean;
}

/**
 * Plans a ball anew without sources that are gone. Where another request came to a plan first, that is taken, and
 * planned anew once more if it still has some of them.
 */
export async function replanBall(
  store: BallStore,
  ball: Ball,
  gone: readonly GoneSource[],
  now: Date,
): Promise<ReplannedBall> {
  for (let present = ball; ; ) {
    const [manifest, crc32s] = await Promise.all([store.getManifest(present), store.getCrc32s(present)]);
    const next = planWithout({ ball: present, manifest, crc32s }, gone, Math.floor(now.getTime() / 1000));
    if (next === undefined) return { ball: present, isOurs: false };
    present = await store.replan(present, next.plan, next.manifest, next.crc32s);
    if (present.etag === next.plan.etag) return { ball: present, isOurs: true };
  }
}

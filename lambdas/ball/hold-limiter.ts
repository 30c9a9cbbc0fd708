import type { Ball } from "./ball.ts";

/**
 * Counts requests that are held while an archive is assembled, over all replicas: each takes a function for itself, and
 * those of one ball, or one token, are not to take them all.
 */
export interface HoldLimiter {
  /** Counts one request for the ball and answers whether it may be held. Throws when it can not be counted. */
  admit(ball: Ball, now: Date): Promise<boolean>;
}

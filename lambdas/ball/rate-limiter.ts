import type { Grant } from "./grant.ts";

/** How many requests a token may still make. */
export interface RequestAllowance {
  /** Requests the token may make in one minute. */
  readonly limit: number;
  /** How many of them are left, with the counted one taken off; negative when that was one too many. */
  readonly remaining: number;
  /** When the next minute begins. */
  readonly resetEpochSeconds: number;
}

/** Counts the requests of each token, minute by minute, over all replicas. */
export interface RateLimiter {
  /** Counts one request. Throws when it can not be counted; one too many is told in `remaining`. */
  count(grant: Grant, now: Date): Promise<RequestAllowance>;
}

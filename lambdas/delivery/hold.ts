import type { AssemblyStore } from "../ball/assembly.ts";
import type { Ball, BallStore } from "../ball/ball.ts";
import { BallError } from "../ball/errors.ts";
import type { HoldLimiter } from "../ball/hold-limiter.ts";
import { findArchive, type MadeArchive } from "./find-archive.ts";
import { findBall } from "./open-download.ts";

/** Time, as a request that is held sees it pass. */
export interface Clock {
  now(): Date;
  /** Resolves when so many milliseconds are over; rejects as soon as the signal is aborted. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** What a request is held with. */
export interface HoldContext {
  readonly store: BallStore;
  readonly assemblies: Pick<AssemblyStore, "find">;
  readonly limiter: HoldLimiter;
  readonly clock: Clock;
  /** How long a request is held at most; 0: not at all. */
  readonly holdSeconds: number;
}

/** How long is waited before it is looked whether the archive is made: at first that, then twice as long each time. */
const firstPauseMs = 250;
const longestPauseMs = 1_000;
/** Whoever is sent away is to come again after this time at the earliest. */
const shortestRestSeconds = 5;

/** The failure of a request that came before its archive, and is to come again when those that are held now are over. */
export function notReady({ holdSeconds }: Pick<HoldContext, "holdSeconds">): BallError {
  const retryAfterSeconds = Math.max(holdSeconds, shortestRestSeconds);
  return new BallError("archive-not-ready", "The zip is still being assembled; ask again", {
    retryAfterSeconds,
  });
}

/**
 * Holds a request until the archive is made, in whatever plan the ball has by then; undefined when the time is over
 * before. A reader who leaves ends it.
 * Throws: BallError("archive-not-ready") when too many are held already; BallError("assembly-failed"),
 * BallError("ball-expired"); and once the signal is aborted.
 */
export async function holdUntilMade(
  context: HoldContext,
  ball: Ball,
  signal: AbortSignal,
): Promise<MadeArchive | undefined> {
  const { store, assemblies, clock, holdSeconds } = context;
  await requireRoom(context, ball);
  const endMs = clock.now().getTime() + holdSeconds * 1000;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const leftMs = endMs - clock.now().getTime();
    if (leftMs <= 0) return undefined;
    await clock.pause(Math.min(pauseMs, leftMs), signal);
    const made = await findArchive(assemblies, await findBall(store, ball.ballId, clock.now()));
    if (made !== undefined) return made;
  }
}

/** One that can not be counted is held: it is the many that do harm. */
async function requireRoom(context: HoldContext, ball: Ball): Promise<void> {
  const { limiter, clock, holdSeconds } = context;
  const hasRoom = holdSeconds > 0 && (await limiter.admit(ball, clock.now()).catch(() => true));
  if (!hasRoom) throw notReady(context);
}

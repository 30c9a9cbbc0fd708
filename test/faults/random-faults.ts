import * as faults from "../support/faulty-proxy-faults.ts";
import type { ObjectGet } from "../support/faulty-proxy-messages.ts";
import type { FaultyBall } from "./faulty-ball.ts";

/** Numbers from 0 to 1, the same for the same seed (xorshift32). */
export function randomNumbers(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

type Kind = (random: () => number, get: ObjectGet, ball: FaultyBall) => faults.Fault;

/** Somewhere in the body: as often near its beginning as anywhere. */
function someByte(random: () => number, { key, range }: ObjectGet, ball: FaultyBall): number {
  const sizeBytes = ball.bytesOf(key).length;
  const length = Math.min(range?.end ?? sizeBytes, sizeBytes) - (range?.start ?? 0);
  return Math.floor(random() * (random() < 0.5 ? length : Math.min(length, 1000)));
}

/** All that can be mended. What takes a second to be noticed, and what meets everything under way, comes less often. */
const weights: readonly (readonly [weight: number, kind: Kind])[] = [
  [3, () => faults.slowDown],
  [3, () => faults.internalError],
  [3, () => faults.tooManyRequests(1)],
  [3, () => faults.resetUnanswered],
  [3, () => faults.endedInHead],
  [6, (...at) => faults.resetAt(someByte(...at))],
  [6, (...at) => faults.endedAt(someByte(...at))],
  [3, () => faults.shorter],
  [3, () => faults.longer],
  [3, () => faults.bytesBehindEnd],
  [3, () => faults.shiftedRange],
  [3, (_random, { key }, ball) => faults.ignoredRange(ball.bytesOf(key))],
  [3, () => faults.expiredToken],
  [3, () => faults.requestTimeTooSkewed(new Date())],
  [3, (random) => faults.trickled(Math.floor(random() * 50))],
  [1, (...at) => faults.stalledAt(someByte(...at))],
  [1, () => faults.stalledUnanswered],
  [1, () => faults.refused(5)],
];
const kinds = weights.flatMap(([weight, kind]) => Array.from({ length: weight }, () => kind));

/** Any of the faults that can be mended. */
export const randomFault: Kind = (random, get, ball) => {
  const kind = kinds[Math.floor(random() * kinds.length)] ?? (() => faults.slowDown);
  return kind(random, get, ball);
};

import { z } from "zod";
import { noiseStartOf } from "./bodies.ts";

/** How late an origin's first bytes are. */
export const latenessSchema = z.object({
  firstByteMs: z.number().nonnegative(),
  /** One object of every `slowOnceIn` consecutive ones has this instead. */
  slowFirstByteMs: z.number().nonnegative(),
  slowOnceIn: z.number().int().positive(),
});
export type Lateness = z.output<typeof latenessSchema>;

export const never: Lateness = evenly(0);

export function evenly(firstByteMs: number): Lateness {
  return { firstByteMs, slowFirstByteMs: firstByteMs, slowOnceIn: 1 };
}

/**
 * Milliseconds to the first byte of a set's object. Which one of a group of `slowOnceIn` is slow, chance decides, the
 * same in every run: each part of a set has its share of them, at no regular distance.
 */
export function firstByteMsOf(lateness: Lateness, index: number): number {
  const { firstByteMs, slowFirstByteMs, slowOnceIn } = lateness;
  const group = Math.floor(index / slowOnceIn);
  const isSlow = index % slowOnceIn === noiseStartOf(`slow one of group ${group}`) % slowOnceIn;
  return isSlow ? slowFirstByteMs : firstByteMs;
}

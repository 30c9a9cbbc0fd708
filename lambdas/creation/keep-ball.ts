import { type AssemblyQueue, firstWork } from "../ball/assembly.ts";
import type { Ball, BallStore } from "../ball/ball.ts";
import type { Crc32Column } from "../ball/crc32-column.ts";
import type { Manifest } from "../ball/manifest.ts";

/** Where balls go. */
export interface BallKeepers {
  readonly store: BallStore;
  readonly queue: AssemblyQueue;
}

/**
 * Stores a ball whole, and asks for its assembly if it is to be assembled. Throws when either fails: then there is no
 * ball that could be found and that nobody works on.
 */
export async function keepBall(
  { store, queue }: BallKeepers,
  ball: Ball,
  manifest: Manifest,
  crc32s: Crc32Column,
): Promise<void> {
  await store.put(ball, manifest, crc32s);
  if (ball.delivery === "stream") return;
  try {
    await queue.send([firstWork(ball)]);
  } catch (error) {
    // Where this fails, too, nobody was told the ball's id, and the failure that led here is the one to report.
    await store.remove(ball).catch(() => undefined);
    throw error;
  }
}

import type { Ball } from "../ball/ball.ts";
import { BallError } from "../ball/errors.ts";
import type { ByteRange } from "../layout/byte-range.ts";
import { planLayout } from "../layout/plan-layout.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import { keepLessons } from "./keep-lessons.ts";
import { streamArchive } from "./stream-archive.ts";

export interface BallStreamInput extends DeliveryContext {
  readonly ball: Ball;
  /** Bytes of the archive, half-open. */
  readonly range: ByteRange;
  readonly signal: AbortSignal;
}

/**
 * Streams a byte range of a stored ball, whose download begins with it, and keeps the CRC-32s learned on the way, so
 * that nobody has to learn them again: before the end, because a function may be frozen right behind it.
 * The chunks throw what streamArchive's do, and BallError("ball-corrupt") before the first.
 */
export async function* streamBall(input: BallStreamInput): AsyncGenerator<Uint8Array, void, undefined> {
  const { store, ball } = input;
  const [manifest, crc32s] = await Promise.all([
    store.getManifest(ball),
    store.getCrc32s(ball),
    ball.startedAtEpochSeconds ?? store.start(ball, Math.floor(Date.now() / 1000)),
  ]);
  const layout = planLayout(manifest);
  if (layout.lengthBytes !== ball.lengthBytes) {
    throw new BallError(
      "ball-corrupt",
      `The layout has ${layout.lengthBytes} bytes where ${ball.lengthBytes} were promised when the ball was made`,
    );
  }
  const { chunks, ...lessons } = streamArchive({ ...input, manifest, layout, crc32s });
  try {
    yield* chunks;
  } finally {
    await keepLessons(input, manifest, lessons);
  }
}

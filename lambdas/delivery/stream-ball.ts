import type { Ball, BallStore } from "../ball/ball.ts";
import { BallError } from "../ball/errors.ts";
import type { SourceReader } from "../ball/source.ts";
import type { ByteRange } from "../layout/byte-range.ts";
import { planLayout } from "../layout/plan-layout.ts";
import { streamArchive } from "./stream-archive.ts";

export interface BallStreamInput {
  readonly store: BallStore;
  readonly reader: SourceReader;
  readonly ball: Ball;
  /** Bytes of the archive, half-open. */
  readonly range: ByteRange;
  readonly signal: AbortSignal;
}

/**
 * Streams a byte range of a stored ball, and keeps the CRC-32s learned on the way, so that no other download has to
 * learn them again: before the end, because a function may be frozen right behind it.
 * The chunks throw what streamArchive's do, and BallError("ball-corrupt") before the first.
 */
export async function* streamBall(input: BallStreamInput): AsyncGenerator<Uint8Array, void, undefined> {
  const { store, reader, ball, range, signal } = input;
  const [manifest, crc32s] = await Promise.all([store.getManifest(ball), store.getCrc32s(ball)]);
  const layout = planLayout(manifest);
  if (layout.lengthBytes !== ball.lengthBytes) {
    throw new BallError(
      "ball-corrupt",
      `The layout has ${layout.lengthBytes} bytes where ${ball.lengthBytes} were promised when the ball was made`,
    );
  }
  const { chunks, learned } = streamArchive({ manifest, layout, crc32s, reader, range, signal });
  try {
    yield* chunks;
  } finally {
    // Not worth failing a download for: the next one learns them again.
    if (learned.knownCount > 0) await store.addCrc32s(ball, learned).catch(() => undefined);
  }
}

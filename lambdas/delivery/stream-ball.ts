import type { Ball, BallStore } from "../ball/ball.ts";
import type { Crc32Column } from "../ball/crc32-column.ts";
import { BallError } from "../ball/errors.ts";
import type { Manifest } from "../ball/manifest.ts";
import type { SourceReader } from "../ball/source.ts";
import type { KnownContent, KnownContents } from "../crc32/known-contents.ts";
import type { ByteRange } from "../layout/byte-range.ts";
import { planLayout } from "../layout/plan-layout.ts";
import { streamArchive } from "./stream-archive.ts";

/** What a download works with. */
export interface DeliveryContext {
  readonly store: BallStore;
  readonly reader: SourceReader;
  readonly contents: KnownContents;
}

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
  const { chunks, learned } = streamArchive({ ...input, manifest, layout, crc32s });
  try {
    yield* chunks;
  } finally {
    if (learned.knownCount > 0) await keep(input, manifest, learned);
  }
}

/** Not worth failing a download for: what can not be kept is learned again. */
async function keep(
  { store, contents, ball }: BallStreamInput,
  manifest: Manifest,
  learned: Crc32Column,
): Promise<void> {
  await Promise.allSettled([
    store.addCrc32s(ball, learned),
    contents.keep(manifest.bucket, contentsOf(manifest, learned)),
  ]);
}

function contentsOf(manifest: Manifest, learned: Crc32Column): KnownContent[] {
  const contents: KnownContent[] = [];
  for (let entry = 0; entry < manifest.entryCount; entry += 1) {
    const crc32 = learned.get(entry);
    if (crc32 === undefined || manifest.inlineData(entry) !== undefined) continue;
    const { key, pin } = manifest.source(entry);
    contents.push({ key, pin, crc32 });
  }
  return contents;
}

import type { Ball } from "../ball/ball.ts";
import type { Crc32Column } from "../ball/crc32-column.ts";
import { BallError } from "../ball/errors.ts";
import type { Manifest } from "../ball/manifest.ts";
import type { ByteRange } from "../layout/byte-range.ts";
import { dataOffset, type Layout } from "../layout/layout.ts";
import { planLayout } from "../layout/plan-layout.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import { keepLessons, type Lessons } from "./keep-lessons.ts";
import type { RefutedCrc32 } from "./refuted-crc32s.ts";
import { streamArchive } from "./stream-archive.ts";

/** A range of a stored ball, and what it is streamed with. */
export interface BallStreamInput extends DeliveryContext {
  readonly ball: Ball;
  /** Bytes of the archive, half-open. */
  readonly range: ByteRange;
  readonly signal: AbortSignal;
}

/** Bytes of a stored ball as they are asked for, and what turned out to be wrong on the way. */
export interface BallStream {
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
  /** Complete when the chunks have ended, in whatever way. */
  readonly refuted: readonly RefutedCrc32[];
}

/**
 * Streams a byte range of a stored ball, whose download begins with it, and keeps the CRC-32s learned on the way, so
 * that nobody has to learn them again: before the end, because a function may be frozen right behind it.
 * The chunks throw what streamArchive's do, and BallError("ball-corrupt") before the first.
 */
export function streamBall(input: BallStreamInput): BallStream {
  const refuted: RefutedCrc32[] = [];
  return { chunks: chunksOf(input, refuted), refuted };
}

async function* chunksOf(
  input: BallStreamInput,
  refuted: RefutedCrc32[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const plan = await openPlan(input);
  const { chunks, ...lessons } = streamArchive({ ...input, ...plan });
  let position = input.range.start;
  try {
    for await (const chunk of chunks) {
      position += chunk.length;
      yield chunk;
    }
  } finally {
    refuted.push(...refutedOf(input.ball, plan, lessons, position));
    await keepLessons(input, plan.manifest, lessons);
  }
}

interface OpenPlan {
  readonly manifest: Manifest;
  readonly layout: Layout;
  readonly crc32s: Crc32Column;
}

async function openPlan({ store, ball }: BallStreamInput): Promise<OpenPlan> {
  const [manifest, crc32s] = await Promise.all([
    store.getManifest(ball),
    store.getCrc32s(ball),
    ball.startedAtEpochSeconds ?? store.start(ball, Math.floor(Date.now() / 1000)),
  ]);
  const layout = planLayout(manifest);
  if (layout.lengthBytes === ball.lengthBytes) return { manifest, layout, crc32s };
  throw new BallError(
    "ball-corrupt",
    `The layout has ${layout.lengthBytes} bytes where ${ball.lengthBytes} were promised when the ball was made`,
  );
}

/** `position`: the offset in the archive that the answer came to at most. */
function refutedOf(
  { planNumber }: Ball,
  { manifest, layout, crc32s }: OpenPlan,
  { learned, refuted }: Lessons,
  position: number,
): RefutedCrc32[] {
  return [...refuted].flatMap((entry) => {
    const crc32 = crc32s.get(entry) ?? learned.get(entry);
    if (crc32 === undefined || manifest.inlineData(entry) !== undefined) return [];
    const hasLeft = position > dataOffset(layout, entry);
    return [{ source: manifest.source(entry), planNumber, crc32, hasLeft }];
  });
}

import { BallError } from "../ball/errors.ts";
import { quotedPath } from "../ball/quoted-path.ts";
import { correctCrc32s } from "./correct-crc32s.ts";
import { fateOf, type GoneSource } from "./gone-sources.ts";
import { Progress } from "./progress.ts";
import type { RefutedCrc32 } from "./refuted-crc32s.ts";
import { replanBall } from "./replan-ball.ts";
import { type BallStreamInput, streamBall } from "./stream-ball.ts";

/** What one answer is made of. */
export interface BytesInput extends BallStreamInput {
  /** Tells this answer from others where its progress is kept. */
  readonly requestId: string;
  /** What the reader has found gone by now. */
  readonly gone: readonly GoneSource[];
}

/**
 * The bytes of one answer. How far they came is kept, the end of them before the last chunk goes out, and why they
 * broke off, unless it was that their reader left.
 *
 * Shape: either exactly the range, or no chunk at all: then sources are gone, and none of the plan should be sent. What
 * is found gone behind the first chunk breaks the answer off, and so do bytes without the CRC-32 that was told of
 * them, wherever they are: the ball is planned anew for the next request, before this one is seen to fail.
 * Throws: what streamBall's chunks do.
 */
export async function* answerBytes(input: BytesInput): AsyncGenerator<Uint8Array, void, undefined> {
  const { gone, signal } = input;
  const progress = new Progress(input);
  const { chunks, refuted } = streamBall(input);
  try {
    yield* progress.follow(unlessGone(chunks, gone));
  } catch (error) {
    if (!signal.aborted) progress.failure = describeFailure(error, gone);
    // Who left may come back for the rest of a body that is wrong.
    if (refuted.length > 0 || (gone.length > 0 && !signal.aborted))
      await replanForNext(input, refuted, progress.failure);
    throw error;
  } finally {
    await progress.close();
  }
}

/** The same chunks; but none, and no failure either, where sources are found gone by the time of the first. */
async function* unlessGone(
  chunks: AsyncIterable<Uint8Array>,
  gone: readonly GoneSource[],
): AsyncGenerator<Uint8Array, void, undefined> {
  let hasBegun = false;
  try {
    for await (const chunk of chunks) {
      if (!hasBegun && gone.length > 0) return;
      hasBegun = true;
      yield chunk;
    }
  } catch (error) {
    if (hasBegun || gone.length === 0) throw error;
  }
}

/** The failure is the new plan's first news, so that a status says it until somebody comes for that plan. */
async function replanForNext(
  { store, reader, ball, gone, requestId }: BytesInput,
  refuted: readonly RefutedCrc32[],
  failure: string | undefined,
): Promise<void> {
  try {
    const corrections = await correctCrc32s(reader, refuted);
    const { ball: planned, isOurs } = await replanBall(store, ball, { gone, corrections }, new Date());
    if (!isOurs || failure === undefined) return;
    const nothing = { start: 0, end: 0, updatedAtEpochMs: Date.now() };
    await store.keepSentRange(planned, { requestId, planNumber: planned.planNumber, ...nothing, failure });
  } catch {
    // The next request finds the same.
  }
}

function describeFailure(error: unknown, gone: readonly GoneSource[]): string {
  const found = gone.find((one) => one.error === error);
  if (found !== undefined) return `${quotedPath(found.source.key)} ${fateOf(found)}`;
  return error instanceof BallError ? error.message : "Something went wrong on our side";
}

import type { ReceivedWork } from "../ball/assembly.ts";
import type { Ball } from "../ball/ball.ts";
import { BallError } from "../ball/errors.ts";
import { attemptPrefix } from "./archive-keys.ts";
import type { AssemblyContext } from "./assembly-context.ts";

/** How often a piece of work is tried before its assembly fails. */
export const mostTries = 5;

/** Why an assembly fails whose worker never came to say anything. */
export const endedWithoutWord = `${mostTries} workers in a row ended without a word, as those do that run out of memory or time`;

/** How often work is handed on before its assembly fails: days of work, or none that comes to an end. */
export const mostGenerations = 500;

/** Makes an attempt fail, unless it is over, and removes what was made for it. */
export async function buryAssembly(
  { assemblies, archives }: AssemblyContext,
  ball: Ball,
  { attempt, id }: ReceivedWork,
  reason: string,
): Promise<void> {
  const begunAtEpochSeconds = Math.floor(Date.now() / 1000);
  // One that was never begun can fail, too.
  await assemblies.begin(ball, { attempt, uploadId: "", groupCount: 0, begunAtEpochSeconds });
  const { state } = await assemblies.fail(ball, attempt, reason, id);
  if (state !== "complete") await archives.removeAll(attemptPrefix(ball, attempt));
}

/** A failure in words for the ball's owner. */
export function reasonOf(error: unknown): string {
  return error instanceof BallError ? error.message : "Something went wrong on our side";
}

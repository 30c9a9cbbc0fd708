import { type Assembly, firstWork, type ReceivedWork } from "../ball/assembly.ts";
import type { Ball } from "../ball/ball.ts";
import { attemptPrefix } from "./archive-keys.ts";
import type { AssemblyContext, Invocation, Outcome } from "./assembly-context.ts";
import { buryAssembly, endedWithoutWord, mostGenerations, mostTries, reasonOf } from "./bury-assembly.ts";
import { type Task, tryWork } from "./try-work.ts";

/**
 * Does what one message asks for, or as much of it as there is time for. Any message may come twice, late, and beside
 * others for the same ball: what it asks for is looked up first.
 * Throws whatever the message is to come again for.
 */
export async function doWork(
  context: AssemblyContext,
  work: ReceivedWork,
  invocation: Invocation,
): Promise<Outcome> {
  const { store, archives, assemblies, queue } = context;
  const ball = await store.get(work.ballId);
  if (ball === undefined || isExpired(ball) || ball.etag !== work.planEtag) {
    // Nobody can fetch it, or nobody any more.
    await archives.removeAll(attemptPrefix({ ballId: work.ballId, etag: work.planEtag }, work.attempt));
  }
  if (ball === undefined || isExpired(ball)) return "done";
  const assembly = await assemblies.find(ball);
  if (ball.etag !== work.planEtag) {
    // Whoever planned it anew may have ended before he asked for its assembly: then this is his message.
    if (assembly === undefined && invocation.receiveCount > 1) await queue.send([firstWork(ball)]);
    return "done";
  }
  if (assembly !== undefined && isOver(assembly, work)) {
    await redrive(context, { ball, work, assembly }, invocation);
    return "done";
  }
  return await tryOrBury(context, { ball, work, assembly }, invocation);
}

/** For clocks that are ahead, and for whoever begins a download in the last moment, which puts the end off. */
const graceMs = 5 * 60_000;

function isExpired({ expiresAtEpochSeconds }: Ball): boolean {
  return Date.now() >= expiresAtEpochSeconds * 1000 + graceMs;
}

/** Whether the attempt that is meant has come to its end. */
function isOver({ attempt, state }: Assembly, work: ReceivedWork): boolean {
  return attempt > work.attempt || (attempt === work.attempt && state !== "assembling");
}

/**
 * Begins the next attempt, if this is the message that a failed one failed by: then somebody has put it back into the
 * queue. Throws while it is still on its way into the dead-letter queue.
 */
async function redrive(
  { queue }: AssemblyContext,
  { ball, work, assembly: { state, attempt, failedBy } }: Task & { readonly assembly: Assembly },
  { receiveCount }: Invocation,
): Promise<void> {
  if (state !== "failed" || attempt !== work.attempt || failedBy !== work.id) return;
  if (receiveCount > mostTries)
    throw new Error(`The assembly failed with this message, after ${mostTries} tries`);
  await queue.send([firstWork(ball, attempt + 1)]);
}

async function tryOrBury(context: AssemblyContext, task: Task, invocation: Invocation): Promise<Outcome> {
  const { ball, work } = task;
  const tooOften = work.generation > mostGenerations ? "It came to no end" : undefined;
  const reason = invocation.receiveCount > mostTries ? endedWithoutWord : tooOften;
  if (reason !== undefined) {
    await buryAssembly(context, ball, work, reason);
    throw new Error(`The assembly failed: ${reason}`);
  }
  try {
    return await tryWork(context, task, invocation);
  } catch (error) {
    const { receiveCount } = invocation;
    if (receiveCount === mostTries) await buryAssembly(context, ball, work, reasonOf(error));
    // Sooner than the message of one that died. Where that can not be told, it comes with those.
    await invocation.holdMessage(firstPauseSeconds * 2 ** (receiveCount - 1)).catch(() => undefined);
    throw error;
  }
}

/** When a message comes again for the first time, after a failure. */
const firstPauseSeconds = 2;

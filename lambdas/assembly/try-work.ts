import type { Assembly, AssemblyWork, ReceivedWork } from "../ball/assembly.ts";
import type { Ball } from "../ball/ball.ts";
import { failedWith } from "../ball/errors.ts";
import type { AssemblyContext, Invocation, Outcome } from "./assembly-context.ts";
import { beginningGroup } from "./begin-assembly.ts";
import type { Made } from "./group-work.ts";
import { Lease, LeaseLost } from "./lease.ts";
import { openAssembly } from "./open-assembly.ts";
import { PartsProgress } from "./parts-progress.ts";
import { performTask } from "./perform-task.ts";
import { planAnew } from "./plan-anew.ts";
import { remainingWork } from "./remaining-work.ts";

/** When work is asked for again that another has: he is done by then, or his lease is over. */
const takenDelaySeconds = 60;
/** Time kept for what has been begun, in milliseconds; at most a quarter of what there is. */
const mostReservedMs = 90_000;

/** How often work is handed on before somebody should look at it: a day of it. */
const manyGenerations = 100;

/** A piece of work that is still wanted, and the assembly it is of, as far as that has begun. */
export interface Task {
  readonly ball: Ball;
  readonly work: ReceivedWork;
  readonly assembly: Assembly | undefined;
}

/** One try at a piece of work that is still wanted. Throws whatever it is to be tried again for. */
export async function tryWork(
  context: AssemblyContext,
  task: Task,
  invocation: Invocation,
): Promise<Outcome> {
  const { work } = task;
  // Nothing else of an attempt is asked for before it is kept that it has begun.
  if (work.task !== "begin" && task.assembly?.attempt !== work.attempt) return "done";
  const name = { ball: task.ball, attempt: work.attempt, group: groupOf(task) };
  const lease = await Lease.take(context, name, invocation);
  // Whoever did it asks for the rest, unless he ended before: then this is his message.
  if (lease === "done" && invocation.receiveCount === 1) return "done";
  const made =
    lease === "taken" || lease === "done"
      ? lease
      : await whileLeased(context, task, lease, timeKeeper(invocation));
  if (made === "superseded") return "done";
  if (made === "taken") return await askLater(context, work);
  if (made !== "done" && !made.isWhole) return await handOn(context, work, made.hasProgress);
  await askForRest(context, task);
  return "done";
}

/** Each piece of work has a group that is leased for it: the closing parts that behind the last. */
function groupOf({ work, assembly }: Task): number {
  switch (work.task) {
    case "begin":
      return beginningGroup;
    case "group":
      return work.group;
    case "close":
      return assembly?.groupCount ?? 0;
  }
}

/** Works on a group until it is done, or time is over, or the group is another's; gives it back in any case. */
async function whileLeased(
  context: AssemblyContext,
  task: Task,
  lease: Lease,
  hasTime: () => boolean,
): Promise<Made | "taken" | "superseded"> {
  try {
    return await performLeased(context, task, lease, hasTime);
  } catch (error) {
    if (error instanceof LeaseLost) return "taken";
    throw error;
  } finally {
    await lease.release();
  }
}

async function performLeased(
  context: AssemblyContext,
  task: Task,
  lease: Lease,
  hasTime: () => boolean,
): Promise<Made | "superseded"> {
  const open = await openAssembly(context, task.ball);
  const progress = new PartsProgress(open);
  lease.beforeRenewal(async () => {
    lease.report(progress.count());
    await open.crc32s.keep();
  });
  try {
    const made = await performTask(context, task, { open, lease, progress, hasTime });
    if (made === "superseded") return made;
    if (made.isWhole) await lease.finish();
    return made;
  } catch (error) {
    if (!open.findings.isEmpty && (await planAnew(context, open, task.work.attempt))) return "superseded";
    // Its attempt may have come to its end while this went on.
    if (failedWith(error, "upload-gone") && (await isOver(context, task))) return "superseded";
    throw error;
  }
}

/** Whether more may be begun, as long as there is time to end it. */
function timeKeeper({ remainingMs }: Invocation): () => boolean {
  const reservedMs = Math.min(mostReservedMs, remainingMs() / 4);
  return () => remainingMs() > reservedMs;
}

async function isOver({ store, assemblies }: AssemblyContext, { ball, work }: Task): Promise<boolean> {
  const present = await store.get(ball.ballId);
  if (present?.etag !== ball.etag) return true;
  const assembly = await assemblies.find(ball);
  return assembly?.attempt !== work.attempt || assembly.state !== "assembling";
}

/** The rest of the work, for the next worker. */
async function handOn(
  { queue }: AssemblyContext,
  work: AssemblyWork,
  hasProgress: boolean,
): Promise<Outcome> {
  await queue.send([{ ...work, generation: work.generation + 1 }]);
  return hasProgress && work.generation < manyGenerations ? "handed-on" : "stalls";
}

/** The same work once more, which another has now. */
async function askLater({ queue }: AssemblyContext, work: AssemblyWork): Promise<Outcome> {
  await queue.send([work], takenDelaySeconds);
  return "handed-on";
}

/**
 * Asks for what is still to be asked for, when a piece of work is done: for all groups when the assembly has begun, and
 * for the closing parts when the last group is done. A worker may end between the two, and its message comes again: so
 * this is done whoever did the work.
 */
async function askForRest({ assemblies, queue }: AssemblyContext, { ball, work }: Task): Promise<void> {
  if (work.task === "close") return;
  const assembly = await assemblies.find(ball);
  if (assembly?.attempt !== work.attempt || assembly.state !== "assembling") return;
  const remaining = remainingWork(ball, assembly, await assemblies.groups(ball, work.attempt));
  const isAsked = work.task === "begin" ? () => true : ({ task }: AssemblyWork) => task === "close";
  await queue.send(remaining.filter(isAsked));
}

import { firstWork } from "../ball/assembly.ts";
import { BallError } from "../ball/errors.ts";
import { attemptPrefix } from "./archive-keys.ts";
import { assembleCompressed } from "./assemble-compressed.ts";
import type { AssemblyContext } from "./assembly-context.ts";
import { beginAttempt } from "./begin-assembly.ts";
import { closeArchive } from "./close-archive.ts";
import type { LeasedWork, Made } from "./group-work.ts";
import { makeGroup } from "./make-group.ts";
import { remainingWork } from "./remaining-work.ts";
import type { Task } from "./try-work.ts";

/** Does what a message asks for, of a group that this worker alone has. */
export async function performTask(
  context: AssemblyContext,
  task: Task,
  leased: LeasedWork,
): Promise<Made | "superseded"> {
  const { ball, work, assembly } = task;
  if (work.task === "begin") {
    if (ball.compression === "deflate") return await assembleCompressed(context, leased, work.attempt);
    await beginAttempt(context, leased.open, work.attempt, leased.lease.signal);
    return { isWhole: true, hasProgress: true };
  }
  if (assembly === undefined)
    throw new BallError("ball-corrupt", "Work is asked for that nothing was kept of");
  if (assembly.partsDigest !== leased.open.partsDigest) return await beginAgain(context, task);
  if (work.task === "group") return await makeGroup(context, { ...leased, assembly, group: work.group });
  // Asked for when the last group is done; a message that came here otherwise has nothing to do yet.
  const remaining = remainingWork(ball, assembly, await context.assemblies.groups(ball, assembly.attempt));
  if (remaining.some(({ task: missing }) => missing === "group"))
    throw new Error("There are groups that are not done");
  return await closeArchive(context, { ...leased, assembly, group: assembly.groupCount });
}

/**
 * Begins the next attempt in place of one whose parts were planned by another release: of the parts of two plans no archive
 * can be made, though they may come to the same length.
 */
async function beginAgain(
  { assemblies, archives, queue }: AssemblyContext,
  { ball, work }: Task,
): Promise<"superseded"> {
  const { attempt, id } = work;
  await assemblies.fail(ball, attempt, "It was begun by a release that plans other parts", id);
  await queue.send([firstWork(ball, attempt + 1)]);
  await archives.removeAll(attemptPrefix(ball, attempt));
  return "superseded";
}

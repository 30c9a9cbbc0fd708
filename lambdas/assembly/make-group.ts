import type { ArchiveUpload } from "../ball/archive-bucket.ts";
import { lengthOfByteRange } from "../layout/byte-range.ts";
import { firstNumberOfGroup } from "../parts/number-parts.ts";
import type { PartGroup } from "../parts/part-plan.ts";
import { archiveKey, groupKey } from "./archive-keys.ts";
import type { AssemblyContext } from "./assembly-context.ts";
import { completeUpload } from "./complete-upload.ts";
import { type GroupWork, keepLearned, type Made, makePartsOf } from "./group-work.ts";
import { LeaseLost } from "./lease.ts";

/**
 * Makes the parts of one of the plan's groups, and in a plan of two levels the object that they become.
 * The CRC-32s learned are kept before the group counts as done: the central directory is made of them.
 */
export async function makeGroup(context: AssemblyContext, work: GroupWork): Promise<Made> {
  const { open, assembly, group: index } = work;
  const { plan, ball } = open;
  const group = plan.groups[index];
  if (group === undefined)
    throw new RangeError(`There is no group ${index} in a plan of ${plan.groups.length}`);
  if (plan.isTwoLevel) return await makeObject(context, work, group);
  const { uploadId, attempt } = assembly;
  const upload = { key: archiveKey(ball, attempt), uploadId };
  const firstNumber = firstNumberOfGroup(plan, index);
  const made = await makePartsOf(context, work, { upload, parts: group.parts, firstNumber });
  await keepLearned(context, open);
  return made;
}

async function makeObject(
  context: AssemblyContext,
  work: GroupWork,
  { parts, ...range }: PartGroup,
): Promise<Made> {
  const { open, assembly, lease } = work;
  const key = groupKey(open.ball, assembly.attempt, work.group);
  const lengthBytes = lengthOfByteRange(range);
  const found = await context.archives.find(key, lease.signal);
  // One who made it may not have come to say so; what it learned is learned again where it is needed.
  if (found?.lengthBytes === lengthBytes) return { isWhole: true, hasProgress: true };
  const upload = await uploadOf(context, work, key);
  const made = await makePartsOf(context, work, { upload, parts, firstNumber: 1 });
  await keepLearned(context, open);
  if (made.isWhole)
    await completeUpload(context, { upload, lengthBytes, partCount: parts.length, signal: lease.signal });
  return made;
}

/** The group's own upload: the one it has, or a new one, of which its lease knows before anything is in it. */
async function uploadOf(
  { archives }: AssemblyContext,
  { lease }: GroupWork,
  key: string,
): Promise<ArchiveUpload> {
  const present = lease.before.uploadId;
  if (present !== undefined) return { key, uploadId: present };
  const upload = { key, uploadId: await archives.beginUpload(key, lease.signal) };
  lease.report({ uploadId: upload.uploadId });
  try {
    await lease.keep();
  } catch (error) {
    // Another has the group, and an upload of its own: of this one nobody would know. What else fails may have been kept.
    if (error instanceof LeaseLost) await archives.abort(upload);
    throw error;
  }
  return upload;
}

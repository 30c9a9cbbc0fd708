import pMap from "p-map";
import type { ArchiveUpload } from "../ball/archive-bucket.ts";
import type { AssembledArchive } from "../ball/assembly.ts";
import { Crc32Learner } from "../crc32/crc32-learner.ts";
import { joinParts } from "../parts/join-parts.ts";
import { firstNumberOfClosing } from "../parts/number-parts.ts";
import { archiveKey, groupKey } from "./archive-keys.ts";
import type { AssemblyContext } from "./assembly-context.ts";
import { completeUpload } from "./complete-upload.ts";
import { type GroupWork, keepLearned, type Made, makePartsOf } from "./group-work.ts";
import { keepArchive } from "./keep-archive.ts";
import { objectEntries } from "./object-entries.ts";
import { entriesBegunIn } from "./part-bytes.ts";

/** Copies under way at a time. */
const joinConcurrency = 64;
/** CRC-32s asked for at a time. */
const learnConcurrency = 64;

/**
 * Makes the closing parts, once all groups are done, and of all parts the archive. Whoever comes second finds it made.
 */
export async function closeArchive(context: AssemblyContext, work: GroupWork): Promise<Made> {
  const { open, assembly, lease } = work;
  const { ball } = open;
  const { attempt, uploadId } = assembly;
  const upload = { key: archiveKey(ball, attempt), uploadId };
  const found = await context.archives.find(upload.key, lease.signal);
  const made =
    found === undefined ? await makeClosing(context, work, upload) : { isWhole: true, hasProgress: true };
  if (!made.isWhole) return made;
  const archive = found ?? (await complete(context, work, upload));
  requireLength(archive, ball.lengthBytes);
  await keepArchive(context, ball, attempt, archive);
  return made;
}

async function makeClosing(context: AssemblyContext, work: GroupWork, upload: ArchiveUpload): Promise<Made> {
  const { open } = work;
  if (!(await joinGroups(context, work, upload))) return { isWhole: false, hasProgress: true };
  await learnMissing(work);
  const firstNumber = firstNumberOfClosing(open.plan, open.limits);
  let hasProgress = false;
  // One after the other: the central directory behind small entries is made of what is learned of them.
  for (const [index, part] of open.plan.closing.entries()) {
    const made = await makePartsOf(context, work, {
      upload,
      parts: [part],
      firstNumber: firstNumber + index,
    });
    hasProgress ||= made.hasProgress;
    if (!made.isWhole) return { isWhole: false, hasProgress };
  }
  await keepLearned(context, open);
  return { isWhole: true, hasProgress };
}

/** Copies the objects of the groups into the archive's upload, as far as they are not there; whether all are, then. */
async function joinGroups(
  { archives }: AssemblyContext,
  { open, assembly, lease, hasTime }: GroupWork,
  upload: ArchiveUpload,
): Promise<boolean> {
  if (!open.plan.isTwoLevel) return true;
  const joined = joinParts(open.plan, open.limits);
  const there = new Set(
    (await archives.parts(upload, 1, joined.length + 1, lease.signal)).map(({ number }) => number),
  );
  const objects = await pMap(
    open.plan.groups.entries(),
    async ([group, { start }]) => {
      const object = await archives.find(groupKey(open.ball, assembly.attempt, group), lease.signal);
      if (object === undefined) throw new Error(`The object of group ${group} is not there`);
      return { object, archiveStart: start };
    },
    { concurrency: joinConcurrency },
  );
  const missing = [...joined.entries()].filter(([index]) => !there.has(index + 1));
  const copied = await pMap(
    missing,
    async ([index, { group, start, end }]) => {
      const joinedObject = objects[group];
      if (joinedObject === undefined || !hasTime()) return false;
      const { object, archiveStart } = joinedObject;
      const range = { start: start - archiveStart, end: end - archiveStart };
      await archives.joinPart(upload, index + 1, { object, range }, lease.signal);
      return true;
    },
    { concurrency: joinConcurrency },
  );
  return copied.every(Boolean);
}

/** Learns CRC-32s that no group did: a worker that ended between making an object and telling what it learned. */
async function learnMissing({ open, lease }: GroupWork): Promise<void> {
  const { layout, manifest, crc32s, reader, plan } = open;
  // From S3 alone: a header has been made of it, which is not looked at again.
  const learner = new Crc32Learner(reader);
  const [first] = plan.closing;
  const inClosing = new Set(
    first === undefined ? [] : entriesBegunIn(layout, { start: first.start, end: layout.lengthBytes }),
  );
  const missing = objectEntries(manifest).filter(
    (entry) => !crc32s.known.isKnown(entry) && !inClosing.has(entry),
  );
  await pMap(
    missing,
    async (entry) => crc32s.learn(entry, await learner.learn(manifest.source(entry), lease.signal)),
    { concurrency: learnConcurrency },
  );
}

async function complete(
  context: AssemblyContext,
  { open, lease }: GroupWork,
  upload: ArchiveUpload,
): Promise<AssembledArchive> {
  const { plan, ball, limits } = open;
  const partCount = firstNumberOfClosing(plan, limits) - 1 + plan.closing.length;
  return await completeUpload(context, {
    upload,
    lengthBytes: ball.lengthBytes,
    partCount,
    signal: lease.signal,
  });
}

function requireLength({ lengthBytes }: AssembledArchive, expected: number): void {
  if (lengthBytes === expected) return;
  throw new Error(`The archive has ${lengthBytes} bytes where its layout has ${expected}`);
}

import type { AssembledArchive } from "../ball/assembly.ts";
import { BallError } from "../ball/errors.ts";
import { compressArchive } from "../compression/compress-archive.ts";
import { archiveKey } from "./archive-keys.ts";
import type { AssemblyContext } from "./assembly-context.ts";
import { keepLearned, type LeasedWork, type Made } from "./group-work.ts";
import { keepArchive } from "./keep-archive.ts";
import { noteRefuted } from "./note-refuted.ts";

/**
 * Makes the archive of a compressed ball, all of it: deflate's output can be cut into parts only as it comes. What a worker
 * left that did not come to its end is made again. Whoever comes second finds it made.
 * Progress is counted in bytes of the sources, because nobody knows how long the archive becomes.
 * Throws: what compressArchive's chunks do; BallError("assembly-failed") when time runs out.
 */
export async function assembleCompressed(
  context: AssemblyContext,
  leased: LeasedWork,
  attempt: number,
): Promise<Made> {
  const { archives, assemblies } = context;
  const { ball } = leased.open;
  const begunAtEpochSeconds = Math.floor(Date.now() / 1000);
  await assemblies.begin(ball, { attempt, uploadId: "", groupCount: 0, begunAtEpochSeconds });
  const key = archiveKey(ball, attempt);
  const archive =
    (await archives.find(key, leased.lease.signal)) ?? (await compressInto(context, leased, key));
  await keepArchive(context, ball, attempt, archive);
  return { isWhole: true, hasProgress: true };
}

async function compressInto(
  context: AssemblyContext,
  { open, lease, hasTime }: LeasedWork,
  key: string,
): Promise<AssembledArchive> {
  const { archives, limits } = context;
  const { manifest, reader, crc32s } = open;
  const outOfTime = new AbortController();
  const signal = AbortSignal.any([lease.signal, outOfTime.signal]);
  const { chunks, learned, refuted } = compressArchive({
    ...{ manifest, reader, signal, crc32s: crc32s.known },
    ...(limits !== undefined && { limits }),
    onProgress: (doneBytes, doneFileCount) => {
      lease.report({ doneBytes, doneFileCount });
      if (!hasTime()) outOfTime.abort(tooSlow(doneBytes));
    },
  });
  // Of parts, which are what is counted otherwise, there are none.
  lease.beforeRenewal(async () => {});
  try {
    const archive = await archives.put(key, chunks, signal);
    crc32s.learnAll(learned);
    await keepLearned(context, open);
    return archive;
  } finally {
    noteRefuted(open, refuted, (entry) => crc32s.known.get(entry));
  }
}

function tooSlow(doneBytes: number): BallError {
  return new BallError(
    "assembly-failed",
    `Time ran out after ${doneBytes} bytes were compressed: select less, or leave compression away`,
  );
}

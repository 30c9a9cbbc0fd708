import type { AssembledArchive } from "../ball/assembly.ts";
import { BallError } from "../ball/errors.ts";
import { compressArchive } from "../compression/compress-archive.ts";
import { archiveKey } from "./archive-keys.ts";
import type { AssemblyContext } from "./assembly-context.ts";
import { type GroupWork, keepLearned, type Made } from "./group-work.ts";
import { keepArchive } from "./keep-archive.ts";
import { isOfObject } from "./part-bytes.ts";

/** What a worker has in hand while it compresses: the lease of the whole attempt. */
type Hold = Pick<GroupWork, "open" | "lease" | "hasTime">;

/**
 * Makes the archive of a compressed ball, all of it: deflate's output can be cut into parts only as it comes. What a worker
 * left that did not come to its end is made again. Whoever comes second finds it made.
 * Progress is counted in bytes of the sources, because nobody knows how long the archive becomes.
 * Throws: what compressArchive's chunks do; BallError("assembly-failed") when time runs out.
 */
export async function assembleCompressed(
  context: AssemblyContext,
  hold: Hold,
  attempt: number,
): Promise<Made> {
  const { archives, assemblies } = context;
  const { ball } = hold.open;
  const begunAtEpochSeconds = Math.floor(Date.now() / 1000);
  await assemblies.begin(ball, { attempt, uploadId: "", groupCount: 0, begunAtEpochSeconds });
  const key = archiveKey(ball, attempt);
  const archive = (await archives.find(key, hold.lease.signal)) ?? (await compressInto(context, hold, key));
  await keepArchive(context, ball, attempt, archive);
  return { isWhole: true, hasProgress: true };
}

async function compressInto(
  context: AssemblyContext,
  { open, lease, hasTime }: Hold,
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
    noteRefuted(open, refuted);
  }
}

/** The bytes are asked after once more; nothing of them has gone out. */
function noteRefuted({ manifest, ball, crc32s, findings }: Hold["open"], refuted: ReadonlySet<number>): void {
  for (const entry of refuted) {
    const crc32 = crc32s.known.get(entry);
    if (crc32 === undefined || !isOfObject(manifest, entry)) continue;
    const { planNumber } = ball;
    findings.refute(entry, { source: manifest.source(entry), planNumber, crc32, hasLeft: false });
  }
}

function tooSlow(doneBytes: number): BallError {
  return new BallError(
    "assembly-failed",
    `Time ran out after ${doneBytes} bytes were compressed: select less, or leave compression away`,
  );
}

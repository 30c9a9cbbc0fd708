import pMap from "p-map";
import { firstWork } from "../ball/assembly.ts";
import type { Manifest } from "../ball/manifest.ts";
import type { SourceReader } from "../ball/source.ts";
import { correctCrc32s } from "../delivery/correct-crc32s.ts";
import { isGone } from "../delivery/gone-sources.ts";
import { replanBall } from "../delivery/replan-ball.ts";
import { attemptPrefix } from "./archive-keys.ts";
import type { AssemblyContext } from "./assembly-context.ts";
import { keepForOthers } from "./group-work.ts";
import { objectEntries } from "./object-entries.ts";
import type { OpenAssembly } from "./open-assembly.ts";

/** Sources asked after at a time, and for how long. */
const askConcurrency = 64;
const askMs = 45_000;

/**
 * Plans the ball anew for what was found on the way, and asks for the assembly of that plan. Where something is gone,
 * all sources are asked after first: otherwise each would cost an assembly of its own.
 * Answers whether there is another plan.
 */
export async function planAnew(
  context: AssemblyContext,
  open: OpenAssembly,
  attempt: number,
): Promise<boolean> {
  const { ball, manifest, findings } = open;
  const { store, reader, archives, queue } = context;
  if (findings.gone.length > 0) await findGone(reader, manifest, findings.gone);
  const corrections = await correctCrc32s(context.reader, findings.refuted);
  const { ball: planned } = await replanBall(store, ball, { gone: findings.gone, corrections }, new Date());
  await keepForOthers(context, open);
  if (planned.etag === ball.etag) return false;
  await queue.send([firstWork(planned)]);
  await archives.removeAll(attemptPrefix(ball, attempt));
  return true;
}

/** Adds the manifest's sources that are gone, as many as can be asked after. What can not be told is taken for there. */
async function findGone(
  reader: SourceReader,
  manifest: Manifest,
  gone: OpenAssembly["findings"]["gone"],
): Promise<void> {
  const signal = AbortSignal.timeout(askMs);
  await pMap(
    objectEntries(manifest),
    async (entry) => {
      const source = manifest.source(entry);
      if (signal.aborted) return;
      await reader.describePinned(source, signal).catch((error: unknown) => {
        if (isGone(error)) gone.push({ source, error });
      });
    },
    { concurrency: askConcurrency },
  );
}

import type { ArchiveUpload } from "../ball/archive-bucket.ts";
import type { Assembly } from "../ball/assembly.ts";
import { keepContents } from "../delivery/keep-lessons.ts";
import type { Part } from "../parts/part-plan.ts";
import type { AssemblyContext } from "./assembly-context.ts";
import type { Lease } from "./lease.ts";
import { makeParts } from "./make-parts.ts";
import type { OpenAssembly } from "./open-assembly.ts";
import type { PartsProgress } from "./parts-progress.ts";

/** Work that a worker has by a lease. */
export interface LeasedWork {
  readonly open: OpenAssembly;
  readonly lease: Lease;
  /** What the lease keeps of how far it has come. */
  readonly progress: PartsProgress;
  /** Whether more may be begun. */
  readonly hasTime: () => boolean;
}

/** That on a group of parts, be it one of the plan's or that of the closing parts. */
export interface GroupWork extends LeasedWork {
  readonly assembly: Assembly;
  readonly group: number;
}

/** How far a worker came. */
export interface Made {
  readonly isWhole: boolean;
  /** Whether it came any further. */
  readonly hasProgress: boolean;
}

/** Makes parts of a group in an upload. */
export async function makePartsOf(
  context: AssemblyContext,
  work: GroupWork,
  made: { readonly upload: ArchiveUpload; readonly parts: readonly Part[]; readonly firstNumber: number },
): Promise<Made> {
  const { open, lease, progress, hasTime } = work;
  let hasProgress = false;
  const isWhole = await makeParts(context, {
    ...{ assembly: open, hasTime, signal: lease.signal, ...made },
    onFinished: (part, isNew) => {
      progress.add(part);
      hasProgress ||= isNew;
    },
  });
  return { isWhole, hasProgress };
}

/** Keeps what was learned of CRC-32s, for other balls too. */
export async function keepLearned(context: AssemblyContext, open: OpenAssembly): Promise<void> {
  await open.crc32s.keep();
  await keepForOthers(context, open);
}

/** Keeps for other balls what was learned of CRC-32s, and has forgotten what was refuted. Not worth failing for. */
export async function keepForOthers(
  context: AssemblyContext,
  { manifest, crc32s, findings }: OpenAssembly,
): Promise<void> {
  await keepContents(context, manifest, { learned: crc32s.learned, refuted: findings.refutedEntries });
}

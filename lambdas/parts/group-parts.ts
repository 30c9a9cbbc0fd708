import type { ByteRange } from "../layout/byte-range.ts";
import type { Layout } from "../layout/layout.ts";
import type { Part, PartGroup, PartLimits } from "./part-plan.ts";
import type { AssemblyPrices } from "./prices.ts";
import { workerSeconds } from "./worker-seconds.ts";

/** How parts are shared out. */
export interface Grouping {
  readonly layout: Layout;
  readonly prices: AssemblyPrices;
  /** At most so many groups, unless the limits of groups ask for more. */
  readonly mostGroups: number;
  /** Where each group becomes an object of its own, which is copied to join them: the limits of both. */
  readonly joinedWithin: PartLimits | undefined;
}

/**
 * Work that is worth a worker of its own: long beside a worker's start, short beside the time that one waits
 * for a ball.
 */
const groupSeconds = 30;

/**
 * Shares parts out into groups of about equal work. A group begins with an uploaded part, and that with a
 * header: so no entry is torn.
 */
export function groupParts(parts: readonly Part[], grouping: Grouping): readonly PartGroup[] {
  const { layout, prices, joinedWithin } = grouping;
  const seconds = parts.map((part) => workerSeconds(layout, part, prices));
  const allSeconds = seconds.reduce((sum, some) => sum + some, 0);
  const groupCount = Math.min(Math.ceil(allSeconds / groupSeconds), grouping.mostGroups);

  const groups: Part[][] = [];
  let doneSeconds = 0;
  let openShare = 0;
  let index = 0;
  for (const run of runsOf(parts)) {
    const share = Math.floor((doneSeconds / allSeconds) * groupCount);
    const open = groups.at(-1);
    if (open !== undefined && !isGroup(open, run, share > openShare, joinedWithin)) open.push(...run);
    else {
      groups.push([...run]);
      openShare = share;
    }
    for (const _ of run) doneSeconds += seconds[index++] ?? 0;
  }
  return groups.map((group) => ({ ...spanOf(group), parts: group }));
}

/**
 * Whether a group is whole without the next run. It is when it has its share of the work; but where groups
 * are joined, each ends just before it would take one copy more, so that the copies are as long as may be.
 */
function isGroup(
  open: readonly Part[],
  run: readonly Part[],
  hasItsShare: boolean,
  joinedWithin: PartLimits | undefined,
): boolean {
  if (joinedWithin === undefined) return hasItsShare;
  const { mostParts, largestPartBytes } = joinedWithin;
  if (open.length + run.length > mostParts) return true;
  const { start, end } = spanOf(open);
  const copiesTo = (groupEnd: number) => Math.ceil((groupEnd - start) / largestPartBytes);
  const isNearlyFull = open.length >= (mostParts * 3) / 4;
  return (hasItsShare || isNearlyFull) && copiesTo(spanOf(run).end) > copiesTo(end);
}

/** What is never in two groups: an uploaded part and the copied parts behind it. */
function* runsOf(parts: readonly Part[]): Generator<readonly Part[], void, undefined> {
  let start = 0;
  for (let index = 1; index <= parts.length; index++) {
    if (parts[index]?.kind === "copied") continue;
    yield parts.slice(start, index);
    start = index;
  }
}

function spanOf(parts: readonly Part[]): ByteRange {
  return { start: parts[0]?.start ?? 0, end: parts.at(-1)?.end ?? 0 };
}

import type { Layout } from "../layout/layout.ts";
import type { Part, PartGroup } from "./part-plan.ts";
import type { AssemblyPrices } from "./prices.ts";
import { workerSeconds } from "./worker-seconds.ts";

/** How parts are shared out. */
export interface Grouping {
  readonly layout: Layout;
  readonly prices: AssemblyPrices;
  /** At most so many groups, unless `mostPartsEach` asks for more. */
  readonly mostGroups: number;
  /** At most so many parts in a group, unless they are of one body. */
  readonly mostPartsEach: number;
}

/** Work that is worth a worker of its own: long beside a worker's start, short beside the 15 minutes it may take. */
const groupSeconds = 60;

/**
 * Shares parts out into groups of about equal work. A group begins with an uploaded part, and that with a header: so no
 * entry is torn.
 */
export function groupParts(parts: readonly Part[], grouping: Grouping): readonly PartGroup[] {
  const { layout, prices, mostPartsEach } = grouping;
  const seconds = parts.map((part) => workerSeconds(layout, part, prices));
  const allSeconds = seconds.reduce((sum, some) => sum + some, 0);
  const groupCount = Math.min(Math.ceil(allSeconds / groupSeconds), grouping.mostGroups);

  const groups: Part[][] = [];
  let doneSeconds = 0;
  let openShare = -1;
  let index = 0;
  for (const run of runsOf(parts)) {
    const share = Math.floor((doneSeconds / allSeconds) * groupCount);
    const open = groups.at(-1);
    if (open !== undefined && share === openShare && open.length + run.length <= mostPartsEach)
      open.push(...run);
    else groups.push([...run]);
    openShare = share;
    for (const _ of run) doneSeconds += seconds[index++] ?? 0;
  }
  return groups.map((group) => ({ ...spanOf(group), parts: group }));
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

function spanOf(parts: readonly Part[]): { readonly start: number; readonly end: number } {
  return { start: parts[0]?.start ?? 0, end: parts.at(-1)?.end ?? 0 };
}

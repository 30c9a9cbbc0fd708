import type { Layout } from "../layout/layout.ts";
import { chooseCopies } from "./choose-copies.ts";
import { type Cut, cutClosing, cutParts } from "./cut-parts.ts";
import { groupParts } from "./group-parts.ts";
import { joinParts } from "./join-parts.ts";
import { s3PartLimits } from "./part-limits.ts";
import type { Part, PartLimits, PartPlan } from "./part-plan.ts";
import { partSizesToTry } from "./part-sizes.ts";
import { type AssemblyPrices, assemblyPrices } from "./prices.ts";

/** What a part plan follows from, besides the layout. */
export interface PartPlanOptions {
  readonly limits?: PartLimits;
  readonly prices?: AssemblyPrices;
}

/**
 * How an archive is made of parts inside S3: a function of its layout, the limits and the prices alone.
 * Shape: see PartPlan. One upload where its parts suffice, if need be with longer parts; two levels where not.
 * Cost: one pass over the entries, and a binary search for each part. Throws: RangeError when S3 can not hold the archive.
 */
export function planParts(layout: Layout, options: PartPlanOptions = {}): PartPlan {
  const { limits = s3PartLimits, prices = assemblyPrices } = options;
  const copied = chooseCopies(layout, limits);
  const cuts = partSizesToTry(limits).map((sizes) => ({ layout, copied, sizes, limits }));
  for (const cut of cuts) {
    const plan = planOneLevel(cut, prices);
    if (plan !== undefined) return plan;
  }
  for (const cut of cuts) {
    const plan = planTwoLevels(cut, prices);
    if (plan !== undefined) return plan;
  }
  const mostBytes = limits.mostParts * limits.largestPartBytes;
  throw new RangeError(
    `S3 can not hold this archive: it takes ${layout.lengthBytes} bytes in parts of which ` +
      `${limits.mostParts}, together at most ${mostBytes} bytes, may be one object. Make several smaller archives.`,
  );
}

/** Groups in a plan, so that their messages and records stay few; a group of a giant is handed on when time runs out. */
const mostGroups = 256;

function planOneLevel(cut: Cut, prices: AssemblyPrices): PartPlan | undefined {
  const { layout, limits } = cut;
  const closing = cutClosing(cut);
  const parts: Part[] = [];
  for (const part of cutParts(cut)) {
    if (parts.length + closing.length >= limits.mostParts) return undefined;
    parts.push(part);
  }
  const groups = groupParts(parts, { layout, prices, mostGroups, mostPartsEach: limits.mostParts });
  return { groups, closing, isTwoLevel: false };
}

/** With as many groups as there is work for, or else, since each costs a part in the end, with as few as may be. */
function planTwoLevels(cut: Cut, prices: AssemblyPrices): PartPlan | undefined {
  const { layout, limits } = cut;
  const closing = cutClosing(cut);
  const parts = [...cutParts(cut)];
  for (const most of [mostGroups, 1]) {
    const groups = groupParts(parts, { layout, prices, mostGroups: most, mostPartsEach: limits.mostParts });
    const plan = { groups, closing, isTwoLevel: true };
    if (keepsLimits(plan, limits)) return plan;
  }
  return undefined;
}

function keepsLimits(plan: PartPlan, limits: PartLimits): boolean {
  const joinedCount = joinParts(plan, limits).length + plan.closing.length;
  const mostPartsOfGroup = plan.groups.reduce((most, group) => Math.max(most, group.parts.length), 0);
  return joinedCount <= limits.mostParts && mostPartsOfGroup <= limits.mostParts;
}

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
  /** S3's unless told; the largest part is at least four of the smallest. */
  readonly limits?: PartLimits;
  readonly prices?: AssemblyPrices;
}

/**
 * How an archive is made of parts inside S3: a function of its layout, the limits and the prices alone.
 * Shape: see PartPlan. One upload where its parts suffice, if need be with longer parts; two levels where
 * not. Cost: two passes over the entries, and a binary search for each part. Throws: RangeError when S3 can
 * not hold the archive.
 */
export function planParts(layout: Layout, options: PartPlanOptions = {}): PartPlan {
  const { limits = s3PartLimits, prices = assemblyPrices } = options;
  if (layout.lengthBytes > limits.mostParts * limits.largestPartBytes) throw tooLong(layout, limits);
  const copied = chooseCopies(layout, limits, prices);
  for (const planLevels of [planOneLevel, planTwoLevels]) {
    for (const sizes of partSizesToTry(limits)) {
      const plan = planLevels({ layout, copied, sizes, limits }, prices);
      if (plan !== undefined) return plan;
    }
  }
  throw tooLong(layout, limits);
}

/**
 * Groups in a plan, so that their messages and records stay few; a group of a giant is handed on when time
 * runs out.
 */
const mostGroups = 256;

function planOneLevel(cut: Cut, prices: AssemblyPrices): PartPlan | undefined {
  const { layout, limits } = cut;
  const parts: Part[] = [];
  for (const part of cutParts(cut)) {
    if (parts.length === limits.mostParts) return undefined;
    parts.push(part);
  }
  const closing = cutClosing(cut, parts.at(-1)?.end ?? 0);
  if (parts.length + closing.length > limits.mostParts) return undefined;
  const groups = groupParts(parts, { layout, prices, mostGroups, joinedWithin: undefined });
  return { groups, closing, isTwoLevel: false };
}

/**
 * With as many groups as there is work for, or else, since each costs a part in the end, with as few as may
 * be.
 */
function planTwoLevels(cut: Cut, prices: AssemblyPrices): PartPlan | undefined {
  const { layout, limits } = cut;
  const parts = [...cutParts(cut)];
  const closing = cutClosing(cut, parts.at(-1)?.end ?? 0);
  for (const most of [mostGroups, 1]) {
    const groups = groupParts(parts, { layout, prices, mostGroups: most, joinedWithin: limits });
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

function tooLong({ lengthBytes }: Layout, { mostParts, largestPartBytes }: PartLimits): RangeError {
  return new RangeError(
    `S3 can not hold this archive: an object has at most ${mostParts} parts of ${largestPartBytes} bytes, ` +
      `and the archive takes ${lengthBytes} bytes. Make several smaller archives.`,
  );
}

import type { PartPlanOptions } from "../../lambdas/parts/plan-parts.ts";
import { assemblyPrices } from "../../lambdas/parts/prices.ts";

export const MiB = 1024 * 1024;

/**
 * Prices at which a body is copied as soon as it can be, and workers so slow that each has a few parts to make: archives
 * of some MiB have all kinds of parts, and several groups.
 */
export const copyingPays: PartPlanOptions = {
  prices: { ...assemblyPrices, workerSecondDollars: 10, workerBytesPerSecond: 64 * 1024 },
};

/** So few parts in one upload that groups become objects of their own. */
export const fewParts: PartPlanOptions = {
  ...copyingPays,
  limits: { smallestPartBytes: 5 * MiB, largestPartBytes: 32 * MiB, mostParts: 5 },
};

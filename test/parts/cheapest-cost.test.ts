import fc from "fast-check";
import { expect, test } from "vitest";
import type { Layout } from "../../lambdas/layout/layout.ts";
import { estimateAssembly } from "../../lambdas/parts/estimate-assembly.ts";
import { s3PartLimits } from "../../lambdas/parts/part-limits.ts";
import type { PartPlan } from "../../lambdas/parts/part-plan.ts";
import { planParts } from "../../lambdas/parts/plan-parts.ts";
import { type AssemblyPrices, assemblyPrices, unitCosts } from "../../lambdas/parts/prices.ts";
import { cheapestCost } from "./cheapest-cost.ts";
import { layoutOf } from "./sized-layout.ts";

/**
 * S3's limits, 2,000 times smaller, and rates that make a byte 2,000 times as dear: all is as it is with S3.
 */
const scale = 2000;
const limits = {
  ...s3PartLimits,
  smallestPartBytes: Math.ceil(s3PartLimits.smallestPartBytes / scale),
  largestPartBytes: Math.ceil(s3PartLimits.largestPartBytes / scale),
};
const prices: AssemblyPrices = {
  ...assemblyPrices,
  workerBytesPerSecond: assemblyPrices.workerBytesPerSecond / scale,
  copyBytesPerSecond: assemblyPrices.copyBytesPerSecond / scale,
};
const m = limits.smallestPartBytes;

function costOf(layout: Layout, plan: PartPlan): number {
  const { requests, bytesThroughCompute } = estimateAssembly(layout, plan, { limits, prices });
  const costs = unitCosts(prices);
  return (
    (requests.put + requests.copy) * costs.writeRequest +
    requests.get * costs.readRequest +
    bytesThroughCompute * costs.movedByte +
    (layout.lengthBytes - bytesThroughCompute) * costs.copiedByte
  );
}

/**
 * None is near a multiple of the best copied part: how many parts a long body makes is not chosen by cost.
 */
const longSizes = fc
  .record({ parts: fc.integer({ min: 0, max: 2 }), more: fc.integer({ min: 10 * m, max: 95 * m }) })
  .map(({ parts, more }) => parts * 100 * m + more);
const sizes = fc.oneof(
  fc.integer({ min: 0, max: m }),
  fc.integer({ min: m, max: 10 * m }),
  fc.integer({ min: 2 * m, max: 8 * m }),
  longSizes,
);
/** Also the same few bodies again and again, because what is lost on one is lost on all. */
const archives = fc
  .tuple(fc.array(sizes, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 4 }))
  .map(([pattern, count]) => Array.from({ length: count }, () => pattern).flat());

test("no plan is more than a tenth dearer than the cheapest of all", () => {
  fc.assert(
    fc.property(archives, (some) => {
      const layout = layoutOf(some);
      const cheapest = cheapestCost(layout, limits, prices);
      const cost = costOf(layout, planParts(layout, { limits, prices }));
      expect(cost / cheapest).toBeGreaterThan(1 - 1e-9);
      expect(cost / cheapest).toBeLessThanOrEqual(1.1);
    }),
    { numRuns: 2000 },
  );
});

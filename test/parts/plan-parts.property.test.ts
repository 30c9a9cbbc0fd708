import fc from "fast-check";
import { expect, test } from "vitest";
import type { Layout } from "../../lambdas/layout/layout.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { s3PartLimits } from "../../lambdas/parts/part-limits.ts";
import type { PartLimits, PartPlan } from "../../lambdas/parts/part-plan.ts";
import { type PartPlanOptions, planParts } from "../../lambdas/parts/plan-parts.ts";
import { assemblyPrices } from "../../lambdas/parts/prices.ts";
import { fakeSource } from "../layout/fake-source.ts";
import { brokenRules } from "./broken-rules.ts";
import { gib, layoutOf, mib, tib, times } from "./sized-layout.ts";

const scaledLimits = fc
  .record({
    smallestPartBytes: fc.integer({ min: 200, max: 2000 }),
    largest: fc.oneof(fc.integer({ min: 4, max: 20 }), fc.integer({ min: 20, max: 400 })),
    mostParts: fc.oneof(fc.integer({ min: 3, max: 40 }), fc.integer({ min: 40, max: 200 })),
  })
  .map(({ smallestPartBytes, largest, mostParts }) => ({
    smallestPartBytes,
    largestPartBytes: largest * smallestPartBytes,
    mostParts,
  }));

/**
 * Bodies of nothing, of some smallest parts and a byte more or less, and, now and then, of up to a few of
 * the largest.
 */
function sizesFor({ smallestPartBytes, largestPartBytes }: PartLimits, areLong: boolean) {
  const around = (unitBytes: number, most: number) =>
    fc
      .record({ count: fc.integer({ min: 1, max: most }), more: fc.integer({ min: -100, max: 100 }) })
      .map(({ count, more }) => Math.max(0, count * unitBytes + more));
  const short = [
    fc.constant(0),
    fc.integer({ min: 0, max: smallestPartBytes }),
    around(smallestPartBytes, 16),
  ];
  const long = [around(largestPartBytes, 3), fc.integer({ min: 0, max: 5 * largestPartBytes })];
  return fc.oneof(...short, ...(areLong ? long : []));
}

/** Those of the day, and others by which a group is no work at all, or a single body is much. */
const somePrices = fc.constantFrom(
  assemblyPrices,
  { ...assemblyPrices, workerBytesPerSecond: 1000, copyBytesPerSecond: 1000 },
  { ...assemblyPrices, requestSeconds: 50 },
);

const archives = fc
  .record({ limits: scaledLimits, prices: somePrices, areLong: fc.boolean() })
  .chain(({ limits, prices, areLong }) =>
    fc
      .array(
        fc.record({ sizeBytes: sizesFor(limits, areLong), nameLengthBytes: fc.integer({ min: 1, max: 60 }) }),
        { minLength: 1, maxLength: 60 },
      )
      .map((entries) => ({
        options: { limits, prices },
        layout: planLayout(
          fakeSource({
            entryCount: entries.length,
            sizeBytes: (entry) => entries[entry]?.sizeBytes ?? 0,
            nameLengthBytes: (entry) => entries[entry]?.nameLengthBytes ?? 1,
          }),
        ),
      })),
  );

/**
 * Half of what an object and its groups can hold, so that whatever is lost at the borders does not matter.
 */
function surelyFits(layout: Layout, { smallestPartBytes, largestPartBytes, mostParts }: PartLimits): boolean {
  const mostPartCount =
    2 * layout.source.entryCount + layout.lengthBytes / Math.min(largestPartBytes, 100 * smallestPartBytes);
  const closingBytes = layout.lengthBytes - layout.centralDirectoryOffset + smallestPartBytes;
  return (
    mostParts >= 16 &&
    layout.lengthBytes <= (mostParts * largestPartBytes) / 2 &&
    mostPartCount <= mostParts ** 2 / 8 &&
    closingBytes <= (mostParts / 8) * 5 * smallestPartBytes
  );
}

function planUnlessTooLong(layout: Layout, options: PartPlanOptions): PartPlan | undefined {
  try {
    return planParts(layout, options);
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return undefined;
  }
}

test("a plan keeps every rule, whatever the sizes and the limits", () => {
  fc.assert(
    fc.property(archives, ({ options, layout }) => {
      const plan = planUnlessTooLong(layout, options);
      if (plan !== undefined) expect(brokenRules(layout, plan, options.limits)).toEqual([]);
      else expect(surelyFits(layout, options.limits)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test("the same layout always has the same plan", () => {
  fc.assert(
    fc.property(archives, ({ options, layout }) => {
      expect(planUnlessTooLong(layout, options)).toEqual(planUnlessTooLong(layout, options));
    }),
  );
});

/** Up to 48 TiB of a few sizes mixed: so many of each that all take about as many bytes. */
const giants = fc
  .tuple(
    fc.integer({ min: 1, max: 48 }),
    fc.array(fc.integer({ min: 1, max: 48 * 2 ** 11 }), { minLength: 1, maxLength: 4 }),
  )
  .map(([tibs, sizes]) => {
    const bytesEach = (tibs * tib) / sizes.length;
    const counts = sizes.map((size) => Math.floor(bytesEach / (size * 512 * mib)));
    return sizes.flatMap((size, index) => times(counts[index] ?? 0, size * 512 * mib)).sort(byDigits);
  });

/** Some order that is neither the sizes' nor always the same for equal counts, and yet no chance. */
function byDigits(a: number, b: number): number {
  return (a % 7) - (b % 7) || (a % 11) - (b % 11);
}

test("48 TiB of any mixture have a plan that S3 takes", () => {
  fc.assert(
    fc.property(giants, (sizes) => {
      fc.pre(sizes.length > 0);
      const layout = layoutOf(sizes);
      expect(brokenRules(layout, planParts(layout), s3PartLimits)).toEqual([]);
    }),
    { numRuns: 8 },
  );
});

test("of bodies of 1 GiB and more, at most a hundredth passes through compute", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: gib, max: 40 * gib }), { minLength: 1, maxLength: 40 }),
      (sizes) => {
        const layout = layoutOf(sizes);
        const { groups, closing } = planParts(layout);
        const uploaded = [...groups.flatMap(({ parts }) => parts), ...closing].filter(
          ({ kind }) => kind === "uploaded",
        );
        const bytes = uploaded.reduce((sum, { start, end }) => sum + end - start, 0);
        expect(bytes / layout.lengthBytes).toBeLessThanOrEqual(0.01);
      },
    ),
  );
});

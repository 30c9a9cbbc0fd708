import { describe, expect, test } from "vitest";
import { lengthOfByteRange } from "../../lambdas/layout/byte-range.ts";
import { dataOffset, type Layout } from "../../lambdas/layout/layout.ts";
import { s3PartLimits } from "../../lambdas/parts/part-limits.ts";
import type { PartLimits, PartPlan } from "../../lambdas/parts/part-plan.ts";
import { planParts } from "../../lambdas/parts/plan-parts.ts";
import { assemblyPrices } from "../../lambdas/parts/prices.ts";
import { workerSeconds } from "../../lambdas/parts/worker-seconds.ts";
import { brokenRules } from "./broken-rules.ts";
import { gib, layoutOf, mib, tib, times } from "./sized-layout.ts";

/** The plan, once it is known to keep every rule. */
function soundPlan(layout: Layout, limits: PartLimits = s3PartLimits): PartPlan {
  const plan = planParts(layout, { limits });
  expect(brokenRules(layout, plan, limits)).toEqual([]);
  return plan;
}

/** Lengths of all parts in MiB, rounded; copied ones follow a "=", closing ones a "|". */
function shapeOf({ groups, closing }: PartPlan): string {
  const lengthOf = (part: { start: number; end: number }) => Math.round(lengthOfByteRange(part) / mib);
  const parts = groups.flatMap((group) => group.parts);
  const marked = parts.map((part) => `${part.kind === "copied" ? "=" : ""}${lengthOf(part)}`);
  return [...marked, ...closing.map((part) => `|${lengthOf(part)}`)].join(" ");
}

function partCount({ groups, closing }: PartPlan): number {
  return groups.reduce((sum, { parts }) => sum + parts.length, closing.length);
}

describe("parts", () => {
  test.each([
    ["one small body", [3000], "|0"],
    ["one body of 20 MiB", [20 * mib], "|20"],
    ["one body of 100 MiB", [100 * mib], "5 =95 |0"],
    ["two of 1 GiB", times(2, gib), "5 =340 =340 =340 5 =340 =340 =340 |0"],
    ["small ones before and behind a large one", [mib, 2 * mib, 100 * mib, mib], "5 =98 |1"],
    ["many small ones before a large one", [...times(40, mib), 100 * mib], "24 16 =100 |0"],
    ["a large one before many small ones", [100 * mib, ...times(40, mib)], "5 =95 24 |16"],
    ["nothing but folders", times(10, 0), "|0"],
  ])("of %s", (_, sizes, shape) => {
    expect(shapeOf(soundPlan(layoutOf(sizes)))).toBe(shape);
  });
});

describe("an archive that ends with moved bodies", () => {
  const small = times(249, 100_000);
  const others = layoutOf([...small, 1]).lengthBytes - 1;

  test.each([
    ["is one closing part when it has 25 MiB in all", 0, "|25"],
    ["has a part for them when it has a byte more", 1, "25 |0"],
  ])("%s", (_, more, shape) => {
    expect(shapeOf(soundPlan(layoutOf([...small, 25 * mib - others + more])))).toBe(shape);
  });

  const limits = { smallestPartBytes: 1000, largestPartBytes: 100_000, mostParts: 1000 };
  const headerBytes = 44;
  test.each([
    ["too short by a byte to be a part", 999, 999],
    ["just long enough", 1000, 0],
    ["longer by a byte", 1001, 0],
  ])(
    "and a directory with no room for them leaves them to the closing parts, where they are %s",
    (_, tailBytes, left) => {
      const layout = layoutOf([...times(100, 0), 20_000, tailBytes - headerBytes]);
      const { closing } = soundPlan(layout, limits);
      expect(layout.centralDirectoryOffset - (closing[0]?.start ?? 0)).toBe(left);
    },
  );
});

describe("ten thousand parts", () => {
  test.each([
    ["fewer", 4_999, 0, 9_999, false],
    ["just as many", 4_999, 20, 10_000, false],
    ["one more", 5_000, 0, 10_001, true],
  ])("%s", (_, bodies, small, parts, isTwoLevel) => {
    const plan = soundPlan(layoutOf([...times(bodies, 100 * mib), ...times(small, 1.5 * mib)]));
    expect(plan.isTwoLevel).toBe(isTwoLevel);
    expect(partCount(plan)).toBe(parts);
  });

  test.each([
    ["500 MiB as long as they suffice", 4 * tib, 500 * mib],
    ["1,000 MiB where those are too many", 5 * tib, 1000 * mib],
    ["5 GiB in the end", 40 * tib, 5 * gib],
  ])("of one upload are had by longer copied parts: %s", (_, sizeBytes, copiedBytes) => {
    const plan = soundPlan(layoutOf([sizeBytes]));
    expect(plan.isTwoLevel).toBe(false);
    expect(plan.groups[0]?.parts[1]).toSatisfy(
      (part) => Math.abs(lengthOfByteRange(part) - copiedBytes) < mib,
    );
  });

  test("of one upload are had by longer uploaded parts", () => {
    const plan = soundPlan(layoutOf(times(320_000, mib)));
    expect(plan.isTwoLevel).toBe(false);
    expect(partCount(plan)).toBeLessThanOrEqual(10_000);
  });
});

describe("what S3 can hold", () => {
  const headerBytes = dataOffset(layoutOf([48 * tib]), 0);
  /**
   * Two parts are no copied ones: that with the header and a head of the body, and that with the central
   * directory.
   */
  const longestInOneLevel = 9_998 * 5 * gib + 5 * mib - headerBytes;
  /** The header is in the body's own upload, and so all parts but one join the archive. */
  const longest = 9_999 * 5 * gib - headerBytes;

  test.each([
    ["one body, of 48.8 TiB, in one upload", longestInOneLevel, false],
    ["a byte more, in an upload of its own", longestInOneLevel + 1, true],
    ["one body that fills all parts that join the archive", longest, true],
  ])("is %s", (_, sizeBytes, isTwoLevel) => {
    expect(soundPlan(layoutOf([sizeBytes])).isTwoLevel).toBe(isTwoLevel);
  });

  test.each([
    ["a byte more", longest + 1],
    ["50 TiB", 50 * tib],
  ])("is not %s, and the error says how much is", (_, sizeBytes) => {
    expect(() => planParts(layoutOf([sizeBytes]))).toThrow(
      "S3 can not hold this archive: an object has at most 10000 parts of 5368709120 bytes",
    );
  });

  test.each([
    ["500 MiB", 500 * mib],
    ["5 GiB and a byte", 5 * gib + 1],
    ["6 GiB", 6 * gib],
  ])("is 48 TiB of %s each", (_, sizeBytes) => {
    const layout = layoutOf(times(Math.floor((48 * tib) / sizeBytes), sizeBytes));
    const { isTwoLevel, groups } = soundPlan(layout);
    expect(isTwoLevel).toBe(true);
    expect(groups.length).toBeLessThanOrEqual(256);
  });
});

describe("groups", () => {
  test("are of about equal work, of half a minute", () => {
    const layout = layoutOf(times(300_000, 1000));
    const { groups } = soundPlan(layout);
    const seconds = groups.map(({ parts }) =>
      parts.reduce((sum, part) => sum + workerSeconds(layout, part, assemblyPrices), 0),
    );
    expect(groups.length).toBeGreaterThan(5);
    for (const each of seconds) expect(each).toBeLessThan(60);
  });

  test("are never more than 256 in one upload", () => {
    expect(soundPlan(layoutOf(times(2_000, 20 * gib))).groups.length).toBeLessThanOrEqual(256);
  });
});

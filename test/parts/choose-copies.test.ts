import { describe, expect, test } from "vitest";
import { chooseCopies } from "../../lambdas/parts/choose-copies.ts";
import { s3PartLimits } from "../../lambdas/parts/part-limits.ts";
import { assemblyPrices } from "../../lambdas/parts/prices.ts";
import { layoutOf, mib, times } from "./sized-layout.ts";

const headerBytes = 44;

function copiesOf(sizes: readonly number[], prices = assemblyPrices): readonly number[] {
  return chooseCopies(layoutOf(sizes), s3PartLimits, prices);
}

describe("bodies of one length", () => {
  test.each([
    [7, 0],
    [16, 0.5],
    [35, 0.5],
    [36, 1],
    [500, 1],
  ])("of %d MiB are copied in this share: %d", (mebibytes, share) => {
    expect(copiesOf(times(100, mebibytes * mib)).length / 100).toBeCloseTo(share, 1);
  });
});

test("a body between two copied ones is moved, where it makes the part for the next one's header", () => {
  const sizes = [100, 30, 100, 36, 100, 20, 1, 100].map((mebibytes) => mebibytes * mib);
  expect(copiesOf(sizes)).toEqual([0, 2, 3, 4, 7]);
});

test("small bodies are moved, however many", () => {
  expect(copiesOf(times(10_000, 100_000))).toEqual([]);
});

/** Nothing is dearer than a byte through compute. */
const dearBytes = { ...assemblyPrices, workerBytesPerSecond: 1 };

test.each([
  ["a byte too few", 10 * mib - headerBytes - 1, []],
  ["just enough", 10 * mib - headerBytes, [0]],
  ["a byte more", 10 * mib - headerBytes + 1, [0]],
])("a body is copied only where a whole part is left of it: %s", (_, sizeBytes, copied) => {
  expect(copiesOf([sizeBytes], dearBytes)).toEqual(copied);
});

test.each([
  ["a byte too few", 5 * mib - 1, []],
  ["just enough", 5 * mib, [1]],
])("behind moved bodies that are a part all of it is left: %s", (_, sizeBytes, copied) => {
  expect(copiesOf([8 * mib, sizeBytes], dearBytes)).toEqual(copied);
});

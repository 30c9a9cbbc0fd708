import { describe, expect, test } from "vitest";
import { type AssemblyEstimate, estimateAssembly } from "../../lambdas/parts/estimate-assembly.ts";
import { planParts } from "../../lambdas/parts/plan-parts.ts";
import { assemblyPrices } from "../../lambdas/parts/prices.ts";
import { gib, kib, layoutOf, mib, times } from "./sized-layout.ts";

function estimateOf(sizes: ArrayLike<number>): AssemblyEstimate {
  const layout = layoutOf(sizes, 48);
  return estimateAssembly(layout, planParts(layout));
}

/** One line of the table: parts, MiB through compute, requests, dollars and seconds. */
function lineOf({ partCount, bytesThroughCompute, requests, dollars, seconds }: AssemblyEstimate): string {
  const { get, put, copy, other } = requests;
  return [
    `${partCount} parts`,
    `${Math.round(bytesThroughCompute / mib)} MiB`,
    `${get}/${put}/${copy}/${other}`,
    `$${dollars.toFixed(4)}`,
    `${Math.round(seconds)} s`,
  ].join(", ");
}

/** The requests are GET/PUT/COPY/others. */
test.each([
  ["4 x 10 GiB", times(4, 10 * gib), "89 parts, 20 MiB, 4/5/84/9, $0.0008, 16 s"],
  ["5 x 10 GiB", times(5, 10 * gib), "111 parts, 25 MiB, 5/6/105/9, $0.0010, 20 s"],
  ["200 x 10 MiB", times(200, 10 * mib), "133 parts, 1340 MiB, 134/67/66/9, $0.0013, 25 s"],
  ["10,000 x 10 KiB", times(10_000, 10 * kib), "4 parts, 99 MiB, 10000/4/0/9, $0.0046, 25 s"],
  [
    "1,000 x 1 MiB + 10 x 5 GiB",
    [...times(1_000, mib), ...times(10, 5 * gib)],
    "162 parts, 1045 MiB, 1009/52/110/10, $0.0021, 21 s",
  ],
  ["1,000,000 x 1 KiB", times(1_000_000, kib), "47 parts, 1158 MiB, 1000000/47/0/54, $0.4471, 68 s"],
  [
    "10,000 x 100 MiB",
    times(10_000, 100 * mib),
    "20197 parts, 50001 MiB, 10000/10001/10196/160, $0.1393, 352 s",
  ],
  ["96 x 512 GiB", times(96, 512 * gib), "9985 parts, 480 MiB, 96/97/9888/104, $0.4136, 496 s"],
])("%s", (_, sizes, line) => {
  expect(lineOf(estimateOf(sizes))).toBe(line);
});

describe("dollars", () => {
  test("are the requests' and the workers' by the price list", () => {
    const { requests, workerSeconds, dollars } = estimateOf([...times(3, 2 * gib), ...times(50, 3 * mib)]);
    const { get, put, copy, other } = requests;
    const byTheList =
      get * 0.0000004 + (put + copy + other) * 0.000005 + workerSeconds * 0.0000133334 * (1769 / 1024);
    expect(dollars).toBeCloseTo(byTheList, 12);
  });

  test("of a small archive are those of its few requests", () => {
    const { requests } = estimateOf([3000, 0, 5000]);
    expect(requests).toEqual({ get: 2, put: 1, copy: 0, other: 8 });
  });
});

describe("seconds", () => {
  test("are fewer where workers share the work", () => {
    const alone = layoutOf(times(200_000, 20 * kib));
    const plan = planParts(alone);
    const oneWorker = { ...assemblyPrices, workersAtOnce: 1 };
    const shared = estimateAssembly(alone, plan).seconds;
    expect(estimateAssembly(alone, plan, { prices: oneWorker }).seconds).toBeGreaterThan(3 * shared);
  });

  test("are never fewer than the slowest copy takes", () => {
    const copyBytesPerSecond = 50 * mib;
    const layout = layoutOf([500 * mib]);
    const prices = { ...assemblyPrices, copyBytesPerSecond };
    expect(estimateAssembly(layout, planParts(layout), { prices }).seconds).toBeGreaterThan(9.9);
  });
});

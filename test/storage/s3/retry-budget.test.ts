import { describe, expect, test } from "vitest";
import { RetryBudget } from "../../../lambdas/storage/s3/retry-budget.ts";

const limits = { attempts: 4, firstPauseMs: 100, maxPauseMs: 300 };

/** The pauses a budget gives, and no more than `most`, behind attempts that bring as much each. */
function pausesOf(budget: RetryBudget, most: number, receivedBytes = 0): number[] {
  const pauses: number[] = [];
  while (pauses.length < most) {
    const pauseMs = budget.pauseMsAfter(receivedBytes);
    if (pauseMs === undefined) break;
    pauses.push(pauseMs);
  }
  return pauses;
}

test.each([
  [1, 0],
  [2, 1],
  [4, 3],
])("of %i attempts that bring nothing, %i are followed by another", (attempts, followed) => {
  expect(pausesOf(new RetryBudget({ ...limits, attempts }), 100)).toHaveLength(followed);
});

describe("an attempt that brought", () => {
  const enough = 64 * 1024;

  test("enough begins the count anew, with itself", () => {
    const budget = new RetryBudget(limits);
    expect(pausesOf(budget, 2)).toHaveLength(2);
    const rest = [enough, 0, 0, 0].map((bytes) => budget.pauseMsAfter(bytes) !== undefined);
    expect(rest).toEqual([true, true, true, false]);
  });

  test("a byte less than enough does not", () => {
    expect(pausesOf(new RetryBudget(limits), 100, enough - 1)).toHaveLength(3);
  });

  test("enough each time goes on for ever", () => {
    expect(pausesOf(new RetryBudget(limits), 100, enough)).toHaveLength(100);
  });

  test("enough as the only one that is allowed is the last all the same", () => {
    expect(new RetryBudget({ ...limits, attempts: 1 }).pauseMsAfter(enough)).toBeUndefined();
  });
});

describe("a pause", () => {
  test("is a random part of one that doubles up to the longest", () => {
    const runs = Array.from({ length: 500 }, () => pausesOf(new RetryBudget(limits), 3));
    for (const [nth, longest] of [100, 200, 300].entries()) {
      const pauses = runs.map((pausesOfRun) => pausesOfRun[nth] ?? Number.NaN);
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(0);
      expect(Math.min(...pauses)).toBeLessThan(longest / 4);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(longest);
      expect(Math.max(...pauses)).toBeGreaterThan((longest * 3) / 4);
    }
  });

  test("comes behind what S3 asks for, up to the longest, and not with all who were told the same", () => {
    const first = (askedForMs: number) =>
      Array.from({ length: 100 }, () => new RetryBudget(limits).pauseMsAfter(0, { askedForMs }) ?? 0);
    for (const [askedForMs, from] of [
      [200, 200],
      [300, 300],
      [301, 300],
      [60_000, 300],
    ] as const) {
      const pauses = first(askedForMs);
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(from);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(from + 100);
      expect(new Set(pauses).size).toBeGreaterThan(50);
    }
  });

  test("is longer where S3 is asked for too much, up to the longest", () => {
    const patient = { ...limits, maxPauseMs: 10_000 };
    const longest = (isThrottled: boolean) =>
      Math.max(
        ...Array.from(
          { length: 500 },
          () => new RetryBudget(patient).pauseMsAfter(0, { isThrottled }) ?? Number.NaN,
        ),
      );
    expect(longest(false)).toBeLessThanOrEqual(100);
    expect(longest(true)).toBeGreaterThan(300);
    expect(longest(true)).toBeLessThanOrEqual(500);
  });
});

test("what was brought by an attempt that did not fail begins the count anew", () => {
  const budget = new RetryBudget(limits);
  expect(pausesOf(budget, 3)).toHaveLength(3);
  budget.progressed(64 * 1024);
  expect(pausesOf(budget, 100)).toHaveLength(3);
});

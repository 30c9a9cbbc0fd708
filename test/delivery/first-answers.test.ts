import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FirstAnswers } from "../../lambdas/delivery/first-answers.ts";

const gone = new Error("gone");
const isReplaced = (error: unknown) => error === gone;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** So many answers that are to come, each of which the test gives. */
function expected(count: number) {
  const answers = new FirstAnswers();
  const given = Array.from({ length: count }, () => Promise.withResolvers<void>());
  for (const { promise } of given) answers.expect(promise, isReplaced);
  const answer = (...which: number[]) => {
    for (const index of which) given[index]?.resolve();
  };
  const fail = (index: number, error: Error) => given[index]?.reject(error);
  return { answers, given, answer, fail };
}

/** Whether it has resolved by now. */
function watch(waiting: Promise<void>) {
  const state = { isOver: false };
  waiting.then(() => {
    state.isOver = true;
  });
  return state;
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

describe("waiting for nearly all first answers", () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 3],
    [5, 4],
    [32, 24],
  ])("of %i waits for %i, however long they take", async (count, enough) => {
    const { answers, answer } = expected(count);
    const wait = watch(answers.untilNearly(count));
    answer(...Array(enough - 1).keys());
    await pass(1_000_000);
    expect(wait.isOver).toBe(false);
    answer(enough - 1);
    await pass(1_000_000);
    expect(wait.isOver).toBe(true);
  });

  test("is over at once when all have come", async () => {
    const { answers, answer } = expected(4);
    const wait = watch(answers.untilNearly(4));
    await pass(100);
    answer(0, 1, 2);
    await pass(50);
    expect(wait.isOver).toBe(false);
    answer(3);
    await pass(0);
    expect(wait.isOver).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("goes on for stragglers as long again as the rest took, and no longer", async () => {
    const { answers, answer } = expected(4);
    const wait = watch(answers.untilNearly(4));
    await pass(100);
    answer(0, 1, 2);
    await pass(99);
    expect(wait.isOver).toBe(false);
    await pass(1);
    expect(wait.isOver).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("waits for nothing where nothing is expected", async () => {
    const wait = watch(new FirstAnswers().untilNearly(0));
    await pass(1);
    expect(wait.isOver).toBe(true);
  });

  test("does not count a failure that another read takes the place of, but counts that one", async () => {
    const { answers, answer, fail } = expected(4);
    const wait = watch(answers.untilNearly(4));
    fail(0, gone);
    fail(1, gone);
    answer(2, 3);
    const others = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    for (const { promise } of others) answers.expect(promise, isReplaced);
    await pass(1_000_000);
    expect(wait.isOver).toBe(false);
    others[0]?.resolve();
    await pass(1_000_000);
    expect(wait.isOver).toBe(true);
  });

  test("counts any other failure: it comes in its turn", async () => {
    const { answers, answer, fail } = expected(4);
    const wait = watch(answers.untilNearly(4));
    answer(0, 1);
    fail(2, new Error("broken"));
    fail(3, new Error("broken"));
    await pass(0);
    expect(wait.isOver).toBe(true);
  });

  test("is over when nothing is open any more, and nothing takes the place of what failed", async () => {
    const { answers, answer, fail } = expected(3);
    const wait = watch(answers.untilNearly(3));
    answer(0);
    fail(1, gone);
    fail(2, gone);
    await pass(1);
    expect(wait.isOver).toBe(true);
  });
});

describe("waiting for all answers", () => {
  test("waits for the last one, failed or not", async () => {
    const { answers, answer, fail } = expected(3);
    const wait = watch(answers.untilAll());
    answer(0);
    fail(1, gone);
    await pass(1_999);
    expect(wait.isOver).toBe(false);
    answer(2);
    await pass(0);
    expect(wait.isOver).toBe(true);
  });

  test("waits two seconds for the last one, and no longer", async () => {
    const { answers, answer } = expected(2);
    const wait = watch(answers.untilAll());
    answer(0);
    await pass(1_999);
    expect(wait.isOver).toBe(false);
    await pass(1);
    expect(wait.isOver).toBe(true);
  });

  test("is not forgotten for who waits for nearly all, in whatever order they are woken", async () => {
    const { answers, given, answer } = expected(8);
    const nearly = watch(answers.untilNearly(8));
    await pass(10);
    answer(0, 1, 2, 3, 4, 5);
    await pass(10);
    expect(nearly.isOver).toBe(true);
    // As the answer comes, those who wait for it are about to wait again.
    const waits: { isOver: boolean }[] = [];
    given[6]?.promise.then(() => waits.push(watch(answers.untilAll())));
    answer(6);
    await pass(0);
    expect(waits).toEqual([{ isOver: false }]);
    answer(7);
    await pass(0);
    expect(waits).toEqual([{ isOver: true }]);
  });
});

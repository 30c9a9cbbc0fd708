import { expect, test, vi } from "vitest";
import { callWithin } from "../../../local/events/call-time.ts";

const never = new AbortController().signal;

test("a call that ends in time is answered, and sees its time pass", async () => {
  const seen: number[] = [];
  const answer = await callWithin({ timeoutMs: 60_000, stop: never }, async (remainingMs) => {
    seen.push(remainingMs());
    return "done";
  });
  expect(answer).toBe("done");
  expect(seen[0]).toBeGreaterThan(59_000);
  expect(seen[0]).toBeLessThanOrEqual(60_000);
});

test("what a call fails with is what its caller gets", async () => {
  const call = async () => {
    throw new Error("not today");
  };
  await expect(callWithin({ timeoutMs: 60_000, stop: never }, call)).rejects.toThrow("not today");
});

test("a call that takes too long is left alone, and its late failure harms nobody", async () => {
  let fail: (error: Error) => void = () => {};
  let remaining: () => number = () => Number.NaN;
  const call = (remainingMs: () => number) => {
    remaining = remainingMs;
    return new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
  };
  await expect(callWithin({ timeoutMs: 20, stop: never }, call)).rejects.toThrow("time is over");
  expect(remaining()).toBe(0);
  fail(new Error("too late"));
  await new Promise((resolve) => setImmediate(resolve));
});

test("when its host stops, a call has seconds left, and then none", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  try {
    const stop = new AbortController();
    let remaining: () => number = () => Number.NaN;
    const call = (remainingMs: () => number) => {
      remaining = remainingMs;
      return new Promise<never>(() => {});
    };
    const calling = callWithin({ timeoutMs: 900_000, stop: stop.signal }, call);
    const failing = expect(calling).rejects.toThrow("time is over");
    vi.advanceTimersByTime(1_000);
    expect(remaining()).toBe(899_000);
    stop.abort();
    expect(remaining()).toBe(5_000);
    vi.advanceTimersByTime(5_000);
    await failing;
    expect(remaining()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("a call whose time is nearly over gets none on top when its host stops", async () => {
  const stop = new AbortController();
  const remaining = await callWithin({ timeoutMs: 1_000, stop: stop.signal }, async (remainingMs) => {
    stop.abort();
    return remainingMs();
  });
  expect(remaining).toBeLessThanOrEqual(1_000);
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ReaderStopped } from "../../lambdas/ball/errors.ts";
import { Progress } from "../../lambdas/delivery/progress.ts";
import { ballOf, freeze, realisticEntries } from "../support/manifests.ts";
import { MemoryBalls } from "./memory-balls.ts";

const ball = ballOf(freeze(realisticEntries(1)));
const range = { start: 100, end: 400 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function progress(signal = new AbortController().signal) {
  const store = new MemoryBalls();
  const kept = new Progress({ store, ball, requestId: "one", range, signal });
  return { store, kept, ends: () => store.kept.map(({ end }) => end) };
}

async function* hundreds(count: number) {
  for (let chunk = 0; chunk < count; chunk += 1) yield Buffer.alloc(100);
}

describe("progress", () => {
  test("is kept once a second at most, when it changed, and what is asked for next has gone out before", async () => {
    const { kept, ends, store } = progress();
    const chunks = kept.follow(hundreds(3));
    await chunks.next();
    await vi.advanceTimersByTimeAsync(5000);
    expect(ends()).toEqual([]);
    await chunks.next();
    await vi.advanceTimersByTimeAsync(999 - (5000 % 1000));
    expect(ends()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ends()).toEqual([200]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ends()).toEqual([200]);
    expect(store.kept[0]).toMatchObject({ requestId: "one", planNumber: 0, start: 100, failure: undefined });
    await kept.close();
    expect(ends()).toEqual([200]);
  });

  test("says that all is sent before the last chunk, and is right again when that did not go out", async () => {
    const { kept, ends } = progress();
    const chunks = kept.follow(hundreds(3));
    await chunks.next();
    await chunks.next();
    expect(ends()).toEqual([]);
    expect((await chunks.next()).done).toBe(false);
    expect(ends()).toEqual([400]);
    // However long the last chunk takes, nothing less is said meanwhile.
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ends()).toEqual([400]);
    await chunks.return();
    await kept.close();
    expect(ends()).toEqual([400, 300]);
  });

  test("is written once where all went out", async () => {
    const { kept, ends } = progress();
    for await (const _ of kept.follow(hundreds(3)));
    await kept.close();
    expect(ends()).toEqual([400]);
  });

  test("is written by one write at a time, in order", async () => {
    const { kept, ends, store } = progress();
    let openCount = 0;
    store.beforeWrite = async () => {
      openCount += 1;
      expect(openCount).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 3500));
      openCount -= 1;
    };
    const chunks = kept.follow(hundreds(3));
    await chunks.next();
    await chunks.next();
    await vi.advanceTimersByTimeAsync(1500);
    const last = chunks.next();
    await vi.advanceTimersByTimeAsync(20_000);
    await last;
    expect(ends()).toEqual([200, 400]);
  });

  test("that can not be written is no failure, and is written later", async () => {
    const { kept, ends, store } = progress();
    store.beforeWrite = () => {
      throw new Error("DynamoDB is throttling");
    };
    const chunks = kept.follow(hundreds(3));
    await chunks.next();
    await chunks.next();
    await vi.advanceTimersByTimeAsync(3000);
    store.beforeWrite = () => undefined;
    expect(ends()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(ends()).toEqual([200]);
  });

  test("is kept with what broke it off, also where nothing went out", async () => {
    const { kept, store } = progress();
    kept.failure = "it broke";
    await kept.close();
    expect(store.kept).toEqual([expect.objectContaining({ start: 100, end: 100, failure: "it broke" })]);
  });

  test("is kept with the news that the reader stopped", async () => {
    const stopped = new AbortController();
    const { kept, store } = progress(stopped.signal);
    const chunks = kept.follow(hundreds(2));
    await chunks.next();
    await chunks.next();
    stopped.abort(new ReaderStopped(60));
    await kept.close();
    const failure = "The reader stopped: nothing was taken for 60 seconds";
    expect(store.kept).toEqual([expect.objectContaining({ start: 100, end: 200, failure })]);
  });
});

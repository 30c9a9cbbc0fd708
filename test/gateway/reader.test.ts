import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ReaderStopped } from "../../lambdas/ball/errors.ts";
import { Reader } from "../../lambdas/gateway/reader.ts";
import { RecordedStream } from "./recorded-stream.ts";

const chunk = Buffer.from("chunk");
const never = () => new Promise<void>(() => undefined);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stream whose prelude is written, and its reader, who may take nothing for ten seconds. */
async function reading(): Promise<{ stream: RecordedStream; reader: Reader }> {
  const stream = new RecordedStream();
  const reader = new Reader(stream.shown, 10);
  reader.begin(200, {});
  await reader.take(chunk);
  return { stream, reader };
}

const secondsPass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

describe("a reader who takes nothing", () => {
  test("has stopped after his time: the write fails, and so does all that is done for him", async () => {
    const { stream, reader } = await reading();
    stream.onWrite = never;
    const taken = reader.take(chunk);
    secondsPass(9.9);
    expect(reader.signal.aborted).toBe(false);
    secondsPass(0.1);
    await expect(taken).rejects.toThrow(ReaderStopped);
    await expect(taken).rejects.toThrow("10 seconds");
    expect(reader.signal.reason).toBeInstanceOf(ReaderStopped);
    expect([stream.isEnded, stream.isDestroyed]).toEqual([false, false]);
  });

  test("has all of his time for every write, however many there were and however long they took", async () => {
    const { stream, reader } = await reading();
    for (let count = 0; count < 5; count += 1) {
      let release = () => {};
      stream.onWrite = () =>
        new Promise((resolve) => {
          release = resolve;
        });
      const taken = reader.take(chunk);
      secondsPass(9.9);
      release();
      await taken;
    }
    expect(reader.signal.aborted).toBe(false);
  });

  test("is not he who waits for us, and has his time afterwards, too", async () => {
    const { stream, reader } = await reading();
    secondsPass(1000);
    await reader.take(chunk);
    secondsPass(1000);
    expect(reader.signal.aborted).toBe(false);
    stream.onWrite = never;
    const taken = reader.take(chunk);
    secondsPass(10);
    await expect(taken).rejects.toThrow(ReaderStopped);
  });
});

test("a reader who leaves aborts what is done for him, and has not stopped", async () => {
  const { stream, reader } = await reading();
  stream.onWrite = never;
  const taken = reader.take(chunk);
  stream.leave();
  await expect(taken).rejects.toThrow();
  expect(reader.signal.aborted).toBe(true);
  expect(reader.signal.reason).not.toBeInstanceOf(ReaderStopped);
});

test("one timer serves all writes, and is gone when the reader is released", async () => {
  const { reader } = await reading();
  for (let count = 0; count < 100; count += 1) await reader.take(chunk);
  expect(vi.getTimerCount()).toBe(1);
  reader.release();
  expect(vi.getTimerCount()).toBe(0);
});

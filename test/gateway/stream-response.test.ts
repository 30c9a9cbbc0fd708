import { describe, expect, onTestFinished, test } from "vitest";
import { Reader } from "../../lambdas/gateway/reader.ts";
import {
  noBody,
  type StreamedAnswer,
  sendStreamed,
  textBody,
} from "../../lambdas/gateway/stream-response.ts";
import { RecordedStream } from "./recorded-stream.ts";

const failureAnswer = (error: unknown): StreamedAnswer => ({
  status: 500,
  headers: { "Content-Type": "text/plain" },
  chunks: textBody(`failed: ${error instanceof Error ? error.message : error}`),
});

function readerOf(stream: RecordedStream): Reader {
  const reader = new Reader(stream.shown, 60);
  onTestFinished(() => reader.release());
  return reader;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function answerOf(chunks: AsyncIterable<Uint8Array>): StreamedAnswer {
  return { status: 206, headers: { ETag: '"a"' }, chunks };
}

describe("a streamed answer", () => {
  test("is its prelude, all its chunks, and then its end", async () => {
    const stream = new RecordedStream();
    const endedWhen: boolean[] = [];
    async function* chunks() {
      for (const text of ["one ", "two ", "three"]) {
        endedWhen.push(stream.isEnded);
        yield Buffer.from(text);
      }
    }
    await sendStreamed(readerOf(stream), answerOf(chunks()), failureAnswer);
    await turn();
    expect(stream.prelude).toEqual({ statusCode: 206, headers: { ETag: '"a"' } });
    expect(stream.body.toString()).toBe("one two three");
    expect(endedWhen).toEqual([false, false, false]);
    expect(stream.isEnded).toBe(true);
  });

  test("without a body has a byte all the same, so that its prelude is sent", async () => {
    const stream = new RecordedStream();
    await sendStreamed(readerOf(stream), answerOf(noBody()), failureAnswer);
    expect(stream.prelude).toMatchObject({ statusCode: 206 });
    expect(stream.body).toHaveLength(1);
  });

  test("asks for its next chunk only when the last was written", async () => {
    const stream = new RecordedStream();
    let asked = 0;
    let release = () => {};
    stream.onWrite = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    async function* chunks() {
      for (; asked < 3; ) {
        asked += 1;
        yield Buffer.from("x");
      }
    }
    const sending = sendStreamed(readerOf(stream), answerOf(chunks()), failureAnswer);
    // Prelude, delimiter and the first chunk are written one after another.
    for (const expected of [1, 1, 1, 2, 3]) {
      for (let turns = 0; turns < 10; turns += 1) await turn();
      expect(asked).toBe(expected);
      release();
    }
    await sending;
    expect(stream.body.toString()).toBe("xxx");
  });
});

describe("a failure", () => {
  test("before the first byte is answered with its own status", async () => {
    const stream = new RecordedStream();
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* [];
      throw new Error("no manifest");
    }
    await sendStreamed(readerOf(stream), answerOf(failing()), failureAnswer);
    expect(stream.prelude).toEqual({ statusCode: 500, headers: { "Content-Type": "text/plain" } });
    expect(stream.body.toString()).toBe("failed: no manifest");
    expect(stream.isEnded).toBe(true);
  });

  test("after the first byte leaves the stream open and unbroken, for the runtime to mark it as failed", async () => {
    const stream = new RecordedStream();
    async function* failing() {
      yield Buffer.from("some");
      throw new Error("source changed");
    }
    const sending = sendStreamed(readerOf(stream), answerOf(failing()), failureAnswer);
    await expect(sending).rejects.toThrow("source changed");
    await turn();
    expect(stream.body.toString()).toBe("some");
    expect([stream.isEnded, stream.isDestroyed]).toEqual([false, false]);
  });

  test("of the write ends the chunks", async () => {
    const stream = new RecordedStream();
    let isOver = false;
    async function* chunks() {
      try {
        for (;;) yield Buffer.from("x");
      } finally {
        isOver = true;
      }
    }
    let written = 0;
    stream.onWrite = async () => {
      written += 1;
      if (written === 5) throw new Error("EPIPE");
    };
    await expect(sendStreamed(readerOf(stream), answerOf(chunks()), failureAnswer)).rejects.toThrow("EPIPE");
    expect(isOver).toBe(true);
    expect(stream.isEnded).toBe(false);
  });

  test("of the failure's own answer is thrown, and not answered again", async () => {
    const stream = new RecordedStream();
    let answered = 0;
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* [];
      throw new Error("broken");
    }
    const failingToo = () => {
      answered += 1;
      return answerOf(failing());
    };
    await expect(sendStreamed(readerOf(stream), answerOf(failing()), failingToo)).rejects.toThrow("broken");
    expect(answered).toBe(1);
  });
});

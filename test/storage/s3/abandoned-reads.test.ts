import { getEventListeners } from "node:events";
import { S3Client } from "@aws-sdk/client-s3";
import { describe, expect, test, vi } from "vitest";
import { type PinnedSource, readBufferBytes, type SourceRead } from "../../../lambdas/ball/source.ts";
import { createSourceReader } from "../../../lambdas/storage/s3/source-reader.ts";
import { readAll } from "../../support/read-all.ts";
import { headOf, type ScriptedS3, scriptedS3 } from "../../support/scripted-s3.ts";

const source: PinnedSource = { bucket: "b", key: "k", pin: { kind: "etag", etag: '"e"' }, sizeBytes: 20 };
const whole = { start: 0, end: 20 };
const large = { ...source, sizeBytes: readBufferBytes * 4 };
const left = new Error("the reader left");

const timerCount = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

/** That a read is over for its signal's reason, that it holds nothing, and that nothing more is asked for. */
async function expectLeft(read: SourceRead, { signal }: AbortController, s3: ScriptedS3): Promise<void> {
  expect(getEventListeners(signal, "abort")).toEqual([]);
  const untilFailed = async () => {
    for (;;) if ((await read.take()) === undefined) return;
  };
  await expect(untilFailed()).rejects.toBe(left);
  await expect(read.ended).rejects.toBe(left);
  expect(read.isReady).toBe(true);
  await vi.waitUntil(() => s3.sockets.size === 0);
}

describe("a read that is given up", () => {
  test("while credentials are waited for is over at once, and never sent", async () => {
    const s3 = await scriptedS3((socket) => socket.destroy());
    const credentials = Promise.withResolvers<{ accessKeyId: string; secretAccessKey: string }>();
    const client = new S3Client({
      endpoint: "http://127.0.0.1:1",
      region: "eu-west-1",
      credentials: () => credentials.promise,
      forcePathStyle: true,
    });
    const gone = new AbortController();
    const read = createSourceReader(client).read(source, whole, gone.signal);
    gone.abort(left);
    await expectLeft(read, gone, s3);
    credentials.resolve({ accessKeyId: "id", secretAccessKey: "secret" });
    await expect(read.answered).rejects.toBe(left);
  });

  test("while its answer is waited for closes its connection", async () => {
    const asked = Promise.withResolvers<void>();
    const s3 = await scriptedS3(() => asked.resolve());
    const gone = new AbortController();
    const read = createSourceReader(s3.client).read(source, whole, gone.signal);
    await asked.promise;
    gone.abort(left);
    await expectLeft(read, gone, s3);
    await expect(read.answered).rejects.toBe(left);
    expect(s3.requests).toHaveLength(1);
  });

  test("in its body closes its connection, and gives what came before", async () => {
    const s3 = await scriptedS3((socket) => socket.write(`${headOf(20)}abc`));
    const gone = new AbortController();
    const read = createSourceReader(s3.client).read(source, whole, gone.signal);
    expect(Buffer.concat((await read.take()) ?? []).toString()).toBe("abc");
    gone.abort(left);
    await expectLeft(read, gone, s3);
    await expect(read.answered).resolves.toBeUndefined();
    expect(s3.requests).toHaveLength(1);
  });

  test("while somebody waits for its bytes tells him", async () => {
    const s3 = await scriptedS3((socket) => socket.write(`${headOf(20)}abc`));
    const gone = new AbortController();
    const read = createSourceReader(s3.client).read(source, whole, gone.signal);
    await read.take();
    const waiting = Promise.allSettled([read.take(), read.take()]);
    gone.abort(left);
    const told = { status: "rejected", reason: left };
    expect(await waiting).toEqual([told, told]);
    await expectLeft(read, gone, s3);
  });

  test("while it is paused closes its connection", async () => {
    const s3 = await scriptedS3((socket) => {
      socket.write(headOf(large.sizeBytes));
      socket.write(Buffer.alloc(large.sizeBytes));
    });
    const gone = new AbortController();
    const read = createSourceReader(s3.client).read(large, { start: 0, end: large.sizeBytes }, gone.signal);
    await read.answered;
    await vi.waitUntil(() => [...s3.sockets].some((socket) => socket.bytesWritten > readBufferBytes));
    gone.abort(left);
    await expectLeft(read, gone, s3);
  });

  test("in the pause before another attempt leaves no timer, and there is none", async () => {
    const before = timerCount();
    const s3 = await scriptedS3((socket) =>
      socket.end("HTTP/1.1 503 Slow down\r\nRetry-After: 1000\r\nContent-Length: 0\r\n\r\n"),
    );
    const gone = new AbortController();
    const retry = { attempts: 2, firstPauseMs: 1, maxPauseMs: 1_000_000 };
    const pause = vi.spyOn(globalThis, "setTimeout");
    const read = createSourceReader(s3.client, { retry }).read(source, whole, gone.signal);
    await vi.waitUntil(() => pause.mock.calls.some(([, ms]) => (ms ?? 0) >= 1_000_000));
    pause.mockRestore();
    gone.abort(left);
    await expectLeft(read, gone, s3);
    await vi.waitUntil(() => timerCount() <= before);
    expect(s3.requests).toHaveLength(1);
  });

  test("before it began asks nothing", async () => {
    const s3 = await scriptedS3((socket) => socket.destroy());
    const gone = new AbortController();
    gone.abort(left);
    await expectLeft(createSourceReader(s3.client).read(source, whole, gone.signal), gone, s3);
    expect(s3.socketCount()).toBe(0);
  });

  test("behind its end makes no difference", async () => {
    const s3 = await scriptedS3((socket) => socket.end(`${headOf(20)}0123456789abcdefghij`));
    const gone = new AbortController();
    const read = createSourceReader(s3.client).read(source, whole, gone.signal);
    await read.ended;
    gone.abort(left);
    expect((await readAll(read)).toString()).toBe("0123456789abcdefghij");
  });
});

test("reads that are given up while they wait for a socket cost none", async () => {
  const asked = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const s3 = await scriptedS3(async (socket) => {
    asked.resolve();
    await finish.promise;
    socket.write(`${headOf(20)}0123456789abcdefghij`);
  });
  const reader = createSourceReader(s3.client, { sockets: 1 });
  const first = reader.read(source, whole);
  await asked.promise;
  const gone = new AbortController();
  const reads = Array.from({ length: 100 }, () => reader.read(source, whole, gone.signal));
  const last = reader.read(source, whole);
  gone.abort(left);
  for (const read of reads) await expect(read.take()).rejects.toBe(left);
  expect(getEventListeners(gone.signal, "abort")).toEqual([]);
  finish.resolve();
  await Promise.all([readAll(first), readAll(last)]);
  expect(s3.requests).toHaveLength(2);
  expect(s3.socketCount()).toBe(1);
});

test.each([1, 8])(
  "%i reads at a time, each begun when another has ended, have as many connections",
  async (atATime) => {
    const s3 = await scriptedS3((socket) => socket.write(`${headOf(20)}0123456789abcdefghij`));
    const reader = createSourceReader(s3.client);
    const readFive = async () => {
      for (let times = 0; times < 5; times += 1) {
        const read = reader.read(source, whole);
        expect((await readAll(read)).length).toBe(20);
        await read.ended;
      }
    };
    await Promise.all(Array.from({ length: atATime }, readFive));
    expect([s3.requests.length, s3.socketCount()]).toEqual([5 * atATime, atATime]);
  },
);

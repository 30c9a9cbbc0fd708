import { getEventListeners } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { PinnedSource } from "../../../lambdas/ball/source.ts";
import { createSourceReader } from "../../../lambdas/storage/s3/source-reader.ts";
import { readAll } from "../../support/read-all.ts";
import { headOf, scriptedS3 } from "../../support/scripted-s3.ts";

const retry = { attempts: 3, firstPauseMs: 1, maxPauseMs: 2 };
const source: PinnedSource = { bucket: "b", key: "k", pin: { kind: "etag", etag: '"e"' }, sizeBytes: 20 };
const whole = { start: 0, end: 20 };
const body = "0123456789abcdefghij";

const refusal = (status: string, more = "") =>
  `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n${more ? `${more}\r\n` : ""}\r\n`;

const noSuchKeyXml = "<Error><Code>NoSuchKey</Code></Error>";
const noSuchKey = `HTTP/1.1 404 Not Found\r\nContent-Length: ${noSuchKeyXml.length}\r\n\r\n${noSuchKeyXml}`;

/** Writes the same behind `head` for as long as somebody reads. */
function writeForEver(socket: Socket, head: string, text: string): void {
  socket.write(head);
  const chunk = text.repeat(Math.ceil(16_384 / text.length));
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on("drain", more);
  more();
}

describe("a read ends, and says so to everyone who asks, when each answer", () => {
  test.each<[what: string, answer: (socket: Socket) => void, code: string, requestCount: number]>([
    ["is none", (socket) => socket.destroy(), "source-unreadable", 3],
    ["is a reset", (socket) => socket.resetAndDestroy(), "source-unreadable", 3],
    ["is no HTTP", (socket) => socket.end("220 ftp.example ready\r\n"), "source-unreadable", 3],
    ["is 100", (socket) => socket.write("HTTP/1.1 100 Continue\r\n\r\n"), "source-unreadable", 3],
    [
      "is 101",
      (socket) => socket.write("HTTP/1.1 101 Over\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
      "source-unreadable",
      3,
    ],
    [
      "has headers without end",
      (socket) => writeForEver(socket, "HTTP/1.1 200 OK\r\n", "a: b\r\n"),
      "source-unreadable",
      3,
    ],
    ["has headers that stop", (socket) => socket.end("HTTP/1.1 200 OK\r\nETag:"), "source-unreadable", 3],
    ["is 204", (socket) => socket.write("HTTP/1.1 204 No Content\r\n\r\n"), "HTTP 204", 1],
    ["is 304", (socket) => socket.write("HTTP/1.1 304 Not Modified\r\n\r\n"), "HTTP 304", 1],
    [
      "is 301",
      (socket) => socket.write(refusal("301 Moved", "Location: http://127.0.0.1:1/")),
      "HTTP 301",
      1,
    ],
    [
      "is 307",
      (socket) => socket.write(refusal("307 Temporary", "Location: http://127.0.0.1:1/")),
      "HTTP 307",
      1,
    ],
    ["is 400", (socket) => socket.write(refusal("400 Bad Request")), "HTTP 400", 1],
    ["is 404", (socket) => socket.write(noSuchKey), "source-changed", 1],
    [
      "is 404 of somebody before S3",
      (socket) => socket.write(refusal("404 Not Found")),
      "source-unreadable",
      3,
    ],
    ["is 408", (socket) => socket.write(refusal("408 Late")), "HTTP 408", 3],
    ["is 429", (socket) => socket.write(refusal("429 Slow down")), "source-unreadable", 3],
    ["is 503", (socket) => socket.write(refusal("503 Slow down")), "source-unreadable", 3],
    [
      "is 503 with a body that breaks off",
      (socket) => socket.end("HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\n<Err"),
      "source-unreadable",
      3,
    ],
    [
      "is 503 with a body that never ends",
      (socket) => writeForEver(socket, "HTTP/1.1 503 No\r\n\r\n", "<Error>"),
      "source-unreadable",
      3,
    ],
    ["is empty", (socket) => socket.write(refusal("200 OK", 'ETag: "e"')), "source-corrupt", 3],
    [
      "has no length",
      (socket) => socket.end(`HTTP/1.1 200 OK\r\nETag: "e"\r\n\r\n${body}`),
      "source-corrupt",
      3,
    ],
    [
      "is chunked",
      (socket) =>
        socket.write('HTTP/1.1 200 OK\r\nETag: "e"\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n'),
      "source-corrupt",
      3,
    ],
    ["is of another length", (socket) => socket.write(`${headOf(19)}${body.slice(1)}`), "source-corrupt", 3],
    [
      "is of another object",
      (socket) => socket.write(headOf(20).replace('"e"', '"other"')),
      "source-changed",
      1,
    ],
  ])("%s", async (_what, answer, code, requestCount) => {
    const s3 = await scriptedS3(answer);
    const { signal } = new AbortController();
    const read = createSourceReader(s3.client, { retry }).read(source, whole, signal);
    const error = await readAll(read).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect([Reflect.get(Object(error), "code"), Reflect.get(Object(error), "name")]).toContain(code);
    expect(read.isReady).toBe(true);
    const told = await Promise.allSettled([read.answered, read.ended, read.take()]);
    for (const one of told) expect(one).toEqual({ status: "rejected", reason: error });
    expect(s3.requests).toHaveLength(requestCount);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("was preceded by a hint", async () => {
    const s3 = await scriptedS3((socket) =>
      socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n${headOf(20)}${body}`),
    );
    const { signal } = new AbortController();
    const read = createSourceReader(s3.client, { retry }).read(source, whole, signal);
    expect((await readAll(read)).toString()).toBe(body);
    await expect(Promise.all([read.answered, read.ended, read.take()])).resolves.toBeDefined();
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

describe("a read that can not even be sent fails", () => {
  test.each<[what: string, PinnedSource]>([
    ["with an ETag that is no header", { ...source, pin: { kind: "etag", etag: "a\r\nb" } }],
    ["with a key that is no UTF-8", { ...source, key: "a\ud800" }],
  ])("%s", async (_what, unsendable) => {
    const s3 = await scriptedS3((socket) => socket.destroy());
    const read = createSourceReader(s3.client, { retry }).read(unsendable, whole);
    const told = await Promise.allSettled([readAll(read), read.answered, read.ended]);
    expect(told.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(s3.requests).toEqual([]);
  });
});

describe("what breaks off", () => {
  test("gives all bytes that came, and then its failure, again and again", async () => {
    const s3 = await scriptedS3((socket, nth) => {
      if (nth === 1) socket.end(`${headOf(20)}${body.slice(0, 7)}`);
      else socket.destroy();
    });
    const read = createSourceReader(s3.client, { retry }).read(source, whole);
    await expect(read.ended).rejects.toMatchObject({ code: "source-unreadable" });
    await expect(read.answered).resolves.toBeUndefined();
    expect(Buffer.concat((await read.take()) ?? []).toString()).toBe(body.slice(0, 7));
    await expect(read.take()).rejects.toMatchObject({ code: "source-unreadable" });
    await expect(read.take()).rejects.toMatchObject({ code: "source-unreadable" });
  });

  test("goes on at the byte at which it broke off, wherever that is", async () => {
    const s3 = await scriptedS3((socket, nth) => {
      socket.end(`${nth === 1 ? headOf(20) : headOf(20, nth - 1, 20)}${body[nth - 1]}`);
    });
    const read = createSourceReader(s3.client, { retry: { ...retry, attempts: 30 } }).read(source, whole);
    expect((await readAll(read)).toString()).toBe(body);
    const asked = s3.requests.map((request) => /range: bytes=(.*)/.exec(request)?.[1]);
    expect(asked).toEqual([undefined, ...Array.from({ length: 19 }, (_, at) => `${at + 1}-19`)]);
    for (const request of s3.requests) expect(request).toContain('if-match: "e"');
  });

  test("does not bring in bytes of an answer that was not to what was asked", async () => {
    const s3 = await scriptedS3((socket, nth) => {
      if (nth === 1) socket.write(`${headOf(20, 5, 20)}${"x".repeat(15)}`);
      else socket.write(`${headOf(20)}${body}`);
    });
    const read = createSourceReader(s3.client, { retry }).read(source, whole);
    expect((await readAll(read)).toString()).toBe(body);
    expect(s3.requests).toHaveLength(2);
  });

  test("right behind the last byte is whole", async () => {
    const s3 = await scriptedS3((socket) =>
      socket.write(`${headOf(20)}${body}`, () => socket.resetAndDestroy()),
    );
    const read = createSourceReader(s3.client, { retry }).read(source, whole);
    expect((await readAll(read)).toString()).toBe(body);
    await read.ended;
    expect(s3.requests).toHaveLength(1);
  });

  test("by more bytes than it should have is whole without them, and they are no answer to the next", async () => {
    const s3 = await scriptedS3((socket) =>
      socket.write(`${headOf(20)}${body}${headOf(20)}${"x".repeat(20)}`),
    );
    const reader = createSourceReader(s3.client, { retry, sockets: 1 });
    for (let times = 0; times < 5; times += 1) {
      expect((await readAll(reader.read(source, whole))).toString()).toBe(body);
    }
  });

  test("waits as long as S3 asks for", async () => {
    const s3 = await scriptedS3((socket, nth) =>
      socket.write(nth === 1 ? refusal("503 Slow down", "Retry-After: 1") : `${headOf(20)}${body}`),
    );
    const pause = vi.spyOn(globalThis, "setTimeout");
    onTestFinished(() => pause.mockRestore());
    const patient = { attempts: 2, firstPauseMs: 1, maxPauseMs: 20 };
    await readAll(createSourceReader(s3.client, { retry: patient }).read(source, whole));
    const pauses = pause.mock.calls.map(([, ms]) => ms ?? 0);
    expect(pauses.some((ms) => ms >= 20 && ms <= 25)).toBe(true);
  });
});

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { type PinnedSource, readBufferBytes, type SourceRead } from "../../../lambdas/ball/source.ts";
import { createSourceReader, type SourceReaderOptions } from "../../../lambdas/storage/s3/source-reader.ts";
import { readAll } from "../../support/read-all.ts";
import { headOf, scriptedS3 } from "../../support/scripted-s3.ts";

const mebibyte = 1024 * 1024;
/** What a socket gives at once. */
const mostChunkBytes = 64 * 1024;
const etag = { kind: "etag", etag: '"e"' } as const;
const large: PinnedSource = { bucket: "b", key: "large", pin: etag, sizeBytes: 24 * mebibyte };
const small: PinnedSource = { bucket: "b", key: "small", pin: etag, sizeBytes: 4 * mebibyte };
const allOf = ({ sizeBytes }: PinnedSource) => ({ start: 0, end: sizeBytes });

const body = Buffer.from(Array.from({ length: mebibyte }, (_, index) => index % 251));

/** Writes bytes `start` to `end` of an object that repeats `body`, as fast as they are taken. */
function writeBody(socket: Socket, start: number, end: number): void {
  let at = start;
  const more = () => {
    while (at < end && !socket.destroyed) {
      const from = at % mebibyte;
      const chunk = body.subarray(from, from + Math.min(mebibyte - from, end - at));
      at += chunk.length;
      if (!socket.write(chunk)) return;
    }
  };
  socket.on("drain", more);
  more();
}

const bodyChunk = z.object({ request: z.object({ path: z.string() }), chunk: z.instanceof(Buffer) });

/** Counts what has come of bodies whose path ends with that key. */
function countReceived(key: string): () => number {
  let bytes = 0;
  const onChunk = (message: unknown) => {
    const { request, chunk } = bodyChunk.parse(message);
    if (request.path.endsWith(key)) bytes += chunk.length;
  };
  subscribe("undici:request:bodyChunkReceived", onChunk);
  onTestFinished(() => void unsubscribe("undici:request:bodyChunkReceived", onChunk));
  return () => bytes;
}

/** An S3 that has both objects. `bytesOf`: how many bytes behind the first the nth request is answered with. */
async function twoObjects(
  bytesOf: (nth: number) => number = () => Number.POSITIVE_INFINITY,
  options: Partial<SourceReaderOptions> = {},
) {
  const s3 = await scriptedS3((socket, nth) => {
    const request = s3.requests[nth - 1] ?? "";
    const { sizeBytes } = request.includes("/large ") ? large : small;
    const [, first, last] = /range: bytes=(\d+)-(\d+)/.exec(request) ?? [undefined, "0", `${sizeBytes - 1}`];
    const [start, end] = [Number(first), Number(last) + 1];
    socket.write(headOf(sizeBytes, start, end));
    writeBody(socket, start, Math.min(end, start + bytesOf(nth)));
  });
  const retry = { attempts: 10, firstPauseMs: 1, maxPauseMs: 1 };
  return { s3, reader: createSourceReader(s3.client, { retry, ...options }) };
}

/** Waits until the buffer is full, and then for as long as another body needs to come. */
async function untilFull(received: () => number, other: () => SourceRead): Promise<void> {
  await vi.waitUntil(() => received() >= readBufferBytes);
  expect((await readAll(other())).length).toBe(small.sizeBytes);
}

const atLeastFull = (bytes: number) => {
  expect(bytes).toBeGreaterThanOrEqual(readBufferBytes);
  expect(bytes).toBeLessThanOrEqual(readBufferBytes + mostChunkBytes);
};

test("a read whose bytes nobody takes holds a buffer of them and goes on when they are taken", async () => {
  const { s3, reader } = await twoObjects();
  const received = countReceived("large");
  const read = reader.read(large, allOf(large));
  await untilFull(received, () => reader.read(small, allOf(small)));
  atLeastFull(received());
  const written = Math.max(...[...s3.sockets].map((socket) => socket.bytesWritten - socket.writableLength));
  expect(written).toBeLessThan(large.sizeBytes / 2);

  // What was taken is held until more is asked for.
  const first = Buffer.concat((await read.take()) ?? []);
  atLeastFull(first.length);
  await untilFull(received, () => reader.read(small, allOf(small)));
  expect(received()).toBe(first.length);

  const rest = await readAll(read);
  expect(first.length + rest.length).toBe(large.sizeBytes);
  expect(Buffer.concat([first, rest]).equals(Buffer.concat(Array.from({ length: 24 }, () => body)))).toBe(
    true,
  );
  expect(s3.requests.filter((request) => request.includes("/large "))).toHaveLength(1);
});

test("what breaks off with a full buffer is asked for anew when there is room", async () => {
  const { s3, reader } = await twoObjects((nth) => (nth === 1 ? readBufferBytes + 10 : large.sizeBytes));
  const largeRequests = () => s3.requests.filter((request) => request.includes("/large "));
  const received = countReceived("large");
  const read = reader.read(large, allOf(large));
  await vi.waitUntil(() => received() >= readBufferBytes);
  for (const socket of s3.sockets) socket.resetAndDestroy();
  await untilFull(received, () => reader.read(small, allOf(small)));
  expect(largeRequests()).toHaveLength(1);

  const first = Buffer.concat((await read.take()) ?? []);
  const rest = await readAll(read);
  expect(largeRequests()[1]).toContain(`range: bytes=${first.length}-`);
  expect(Buffer.concat([first, rest]).equals(Buffer.concat(Array.from({ length: 24 }, () => body)))).toBe(
    true,
  );
});

test("a connection that rests for long is given back, and the read goes on at the byte", async () => {
  const { s3, reader } = await twoObjects(undefined, { restMs: 10 });
  const received = countReceived("large");
  const read = reader.read(large, allOf(large));
  await vi.waitUntil(() => received() >= readBufferBytes && s3.sockets.size === 0);

  const first = Buffer.concat((await read.take()) ?? []);
  atLeastFull(first.length);
  const rest = await readAll(read);
  expect(Buffer.concat([first, rest]).equals(Buffer.concat(Array.from({ length: 24 }, () => body)))).toBe(
    true,
  );
  const ranges = s3.requests.map((request) => /range: bytes=(\d+)-/.exec(request)?.[1]);
  expect(ranges.slice(0, 2)).toEqual([undefined, String(first.length)]);
});

test("a body of just a buffer's length frees its connection though nobody takes it", async () => {
  const { reader } = await twoObjects();
  const range = { start: 5, end: 5 + readBufferBytes };
  const read = reader.read(large, range);
  await read.ended;
  expect(
    (await readAll(read)).equals(Buffer.concat([body, body, body]).subarray(range.start, range.end)),
  ).toBe(true);
});

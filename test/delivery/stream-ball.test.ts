import { describe, expect, test } from "vitest";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { openDownload } from "../../lambdas/delivery/open-download.ts";
import { streamBall } from "../../lambdas/delivery/stream-ball.ts";
import { ballOf } from "../support/manifests.ts";
import { archiveOf, type Content, drain, someBytes } from "./archive-of.ts";
import { MemoryBalls } from "./memory-balls.ts";

const ballId = "e7d86f8c-f53e-4ec5-aee6-5e0408296dbe";
const createdAt = 1_750_000_000;

async function storedBall(contents: readonly Content[]) {
  const archive = archiveOf(contents);
  const ball: Ball = {
    ...ballOf(archive.manifest),
    ballId,
    createdAtEpochSeconds: createdAt,
    expiresAtEpochSeconds: createdAt + 100,
    lengthBytes: archive.layout.lengthBytes,
  };
  const store = new MemoryBalls();
  await store.put(ball, archive.manifest, archive.known);
  const signal = new AbortController().signal;
  const stream = (range = archive.whole, of = ball) =>
    streamBall({ store, reader: archive.sources, ball: of, range, signal });
  return { ...archive, ball, store, stream };
}

const unknown = [1000, 2000, 3000].map((size) => ({ bytes: someBytes(size, size), keepsCrc32: false }));

describe("streaming a stored ball", () => {
  test("keeps the CRC-32s it learned, so that the next download has them", async () => {
    const { stream, store, reference } = await storedBall(unknown);
    expect((await drain(stream())).bytes.equals(reference.bytes())).toBe(true);
    expect([0, 1, 2].map((entry) => (await store.getCrc32s(ball)).get(entry))).toEqual(
      [0, 1, 2].map((entry) => reference.crc32Of(entry)),
    );
  });

  test("keeps those it learned before it failed, and fails", async () => {
    const { stream, store, sources, reference } = await storedBall(unknown);
    sources.beforeRead = ({ key }) => {
      if (key === "in/entry-2") throw new Error("broken");
    };
    expect((await drain(stream())).error).toEqual(new Error("broken"));
    expect((await store.getCrc32s(ball)).get(0)).toBe(reference.crc32Of(0));
    expect((await store.getCrc32s(ball)).get(2)).toBeUndefined();
  });

  test("does not fail when they can not be kept", async () => {
    const { stream, store, reference } = await storedBall(unknown);
    store.addCrc32s = async () => {
      throw new Error("DynamoDB is throttling");
    };
    const { bytes, error } = await drain(stream());
    expect(error).toBeUndefined();
    expect(bytes.equals(reference.bytes())).toBe(true);
  });

  test("refuses a ball whose layout is not as long as was promised, before its first byte", async () => {
    const { stream, ball } = await storedBall(unknown);
    const { bytes, error } = await drain(stream(undefined, { ...ball, lengthBytes: ball.lengthBytes + 1 }));
    expect(error).toMatchObject({ code: "ball-corrupt" });
    expect(bytes).toHaveLength(0);
  });
});

describe("opening a download", () => {
  const request = { method: "GET", ballId, header: () => undefined } as const;

  test.each([
    [-1000, true],
    [99_999, true],
    [100_000, false],
    [100_001, false],
  ])("%i ms after its creation a ball of 100 s is there: %s", async (ms, isThere) => {
    const { store } = await storedBall(unknown);
    const opened = openDownload(store, request, new Date(createdAt * 1000 + ms));
    if (isThere) expect((await opened).evaluation).toEqual({ kind: "whole" });
    else await expect(opened).rejects.toMatchObject({ code: "ball-expired" });
  });

  test("of a ball that is not there says so", async () => {
    const opened = openDownload(new MemoryBalls(), request, new Date());
    await expect(opened).rejects.toMatchObject({ code: "ball-not-found" });
  });

  test("reads no source", async () => {
    const { store, sources } = await storedBall(unknown);
    await openDownload(store, { ...request, method: "HEAD" }, new Date(createdAt * 1000));
    expect(sources.reads).toEqual([]);
    expect(sources.described).toEqual([]);
  });
});

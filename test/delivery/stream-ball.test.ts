import { describe, expect, test } from "vitest";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { findBall } from "../../lambdas/delivery/open-download.ts";
import { streamBall } from "../../lambdas/delivery/stream-ball.ts";
import { ballOf } from "../support/manifests.ts";
import { MemoryContents } from "../support/memory-contents.ts";
import { archiveOf, type Content, drain, someBytes } from "./archive-of.ts";
import { MemoryBalls } from "./memory-balls.ts";

const ballId = "e7d86f8c-f53e-4ec5-aee6-5e0408296dbe";
const createdAt = 1_750_000_000;

async function storedBall(objects: readonly Content[]) {
  const archive = archiveOf(objects);
  const ball: Ball = {
    ...ballOf(archive.manifest),
    ballId,
    createdAtEpochSeconds: createdAt,
    expiresAtEpochSeconds: createdAt + 100,
    lengthBytes: archive.layout.lengthBytes,
  };
  const store = new MemoryBalls();
  const contents = new MemoryContents();
  await store.put(ball, archive.manifest, archive.known);
  const signal = new AbortController().signal;
  const stream = (range = archive.whole, of = ball) =>
    streamBall({ store, reader: archive.sources, contents, ball: of, range, signal }).chunks;
  return { ...archive, ball, store, contents, stream };
}

const unknown = [1000, 2000, 3000].map((size) => ({ bytes: someBytes(size, size), keepsCrc32: false }));

describe("streaming a stored ball", () => {
  test("keeps the CRC-32s it learned, so that the next download has them", async () => {
    const { stream, store, ball, reference } = await storedBall(unknown);
    expect((await drain(stream())).bytes.equals(reference.bytes())).toBe(true);
    const known = await store.getCrc32s(ball);
    expect([0, 1, 2].map((entry) => known.get(entry))).toEqual(
      [0, 1, 2].map((entry) => reference.crc32Of(entry)),
    );
  });

  test("keeps what it learned by the pin, too, so that other balls have it", async () => {
    const { stream, contents, manifest, reference } = await storedBall(unknown);
    await drain(stream());
    expect(contents.kept).toEqual(
      [0, 1, 2].map((entry) => {
        const { key, pin } = manifest.source(entry);
        return { key, pin, crc32: reference.crc32Of(entry) };
      }),
    );
  });

  test("keeps those it learned before it failed, and fails", async () => {
    const { stream, store, ball, sources, reference } = await storedBall(unknown);
    sources.beforeRead = ({ key }) => {
      if (key === "in/entry-2") throw new Error("broken");
    };
    expect((await drain(stream())).error).toMatchObject({ name: "PlacedError", cause: new Error("broken") });
    const known = await store.getCrc32s(ball);
    expect(known.get(0)).toBe(reference.crc32Of(0));
    expect(known.get(2)).toBeUndefined();
  });

  test("does not fail when they can not be kept", async () => {
    const { stream, store, contents, reference } = await storedBall(unknown);
    const throttle = () => {
      throw new Error("DynamoDB is throttling");
    };
    contents.beforeCall = throttle;
    store.beforeWrite = (what) => (what === "crc32s" ? throttle() : undefined);
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

describe("finding a ball", () => {
  test.each([
    [-1000, true],
    [99_999, true],
    [100_000, false],
    [100_001, false],
  ])("%i ms after its creation a ball of 100 s is there: %s", async (ms, isThere) => {
    const { store, ball } = await storedBall(unknown);
    const found = findBall(store, ballId, new Date(createdAt * 1000 + ms));
    if (isThere) expect(await found).toEqual(ball);
    else await expect(found).rejects.toMatchObject({ code: "ball-expired" });
  });

  test("that is not there says so", async () => {
    const found = findBall(new MemoryBalls(), ballId, new Date());
    await expect(found).rejects.toMatchObject({ code: "ball-not-found" });
  });
});

import { describe, expect, test } from "vitest";
import { createCatalog } from "../../lambdas/catalog/catalog.ts";
import type { BallRequest } from "../../lambdas/creation/ball-request.ts";
import type { DeliveryLimits, DeliveryWish } from "../../lambdas/creation/choose-delivery.ts";
import { type CreationContext, createBall } from "../../lambdas/creation/create-ball.ts";
import { MemoryCatalogStore, MemoryVersions } from "../catalog/memory-catalog.ts";
import { MemoryBalls } from "../delivery/memory-balls.ts";
import { MemoryAssemblyQueue } from "../support/memory-assembly-queue.ts";
import { MemoryContents } from "../support/memory-contents.ts";
import { MemorySources } from "../support/memory-sources.ts";
import { folder, requestFor } from "./creation-bench.ts";

const auto: DeliveryWish = { delivery: "auto", compression: "stored" };
const stream: DeliveryWish = { delivery: "stream", compression: "stored" };
const assemble: DeliveryWish = { delivery: "assemble", compression: "stored" };
const deflate: DeliveryWish = { delivery: "auto", compression: "deflate" };

/** Three objects of 100 bytes each: one of which S3 keeps a CRC-32, one of which it keeps those of parts, one of neither. */
function setUp() {
  const sources = new MemorySources();
  sources.put("f/kept", "k".repeat(100), { versionId: "v1" });
  sources.put("f/parts", "p".repeat(100), { partBytes: 30, versionId: "v2" });
  sources.put("f/nowhere", "n".repeat(100), { keepsCrc32: false, versionId: "v3" });
  const balls = new MemoryBalls();
  const queue = new MemoryAssemblyQueue();
  const context: CreationContext = {
    reader: sources,
    store: balls,
    queue,
    catalog: createCatalog({ store: new MemoryCatalogStore(), lister: new MemoryVersions() }),
    contents: new MemoryContents(),
    maxEntries: 10,
    crcBudgetMs: 60_000,
    deliveryLimits: { streamedBytes: undefined, compressedBytes: 1000 },
  };
  const make = async (
    wish: DeliveryWish,
    limits: Partial<DeliveryLimits> = {},
    more: Partial<BallRequest> = {},
  ) => {
    const deliveryLimits = { ...context.deliveryLimits, ...limits };
    const request = requestFor("bucket", [folder("f/")], { wish, ...more });
    return (await createBall({ ...context, deliveryLimits }, request)).ball;
  };
  /** What was stored, and what was asked for. */
  const outcome = () => ({ stored: balls.crc32s.size, sent: queue.sent.length });
  return { sources, balls, queue, make, outcome };
}

describe("a ball", () => {
  test("is streamed up to the limit, and assembled from one byte above it", async () => {
    const { make, queue } = setUp();
    const { lengthBytes } = await make(auto);
    expect((await make(auto, { streamedBytes: lengthBytes })).delivery).toBe("stream");
    expect(queue.sent).toEqual([]);
    const { ballId, etag, delivery, compression } = await make(auto, { streamedBytes: lengthBytes - 1 });
    expect({ delivery, compression }).toEqual({ delivery: "assemble", compression: "stored" });
    const begin = { task: "begin", attempt: 1, group: 0, generation: 0 };
    expect(queue.sent).toEqual([{ ballId, planEtag: etag, ...begin }]);
  });

  test.each([
    [auto, "stream", "stored", 0],
    [stream, "stream", "stored", 0],
    [assemble, "assemble", "stored", 1],
    [deflate, "assemble", "deflate", 1],
    [{ ...deflate, delivery: "assemble" } as const, "assemble", "deflate", 1],
  ])("wanted as %j is stored so: %s, %s", async (wish, delivery, compression, sent) => {
    const { make, balls, outcome } = setUp();
    const { ballId } = await make(wish);
    expect(await balls.get(ballId)).toMatchObject({ delivery, compression, tokenId: "test" });
    expect(outcome()).toEqual({ stored: 1, sent });
  });

  test("that has to be begun in time has begun when it is assembled", async () => {
    const { make } = setUp();
    const lifeOf = async (wish: DeliveryWish, fromStartSeconds: number | undefined) => {
      const lifetime = { seconds: 60, fromStartSeconds };
      const { createdAtEpochSeconds, expiresAtEpochSeconds } = await make(wish, {}, { lifetime });
      return expiresAtEpochSeconds - createdAtEpochSeconds;
    };
    expect(await lifeOf(stream, 3600)).toBe(60);
    expect(await lifeOf(assemble, 3600)).toBe(3600);
    expect(await lifeOf(deflate, 3600)).toBe(3600);
    expect(await lifeOf(assemble, undefined)).toBe(60);
  });

  test("has the same plan however it is delivered", async () => {
    const { make } = setUp();
    const plans = await Promise.all([make(stream), make(assemble), make(deflate)]);
    expect(new Set(plans.map(({ etag, lengthBytes }) => `${etag} ${lengthBytes}`)).size).toBe(1);
  });

  test("that can be found is one whose assembly was asked for", async () => {
    const { make, balls, queue } = setUp();
    const found: unknown[] = [];
    queue.beforeSend = async ([work]) => {
      found.push(await balls.get(work?.ballId ?? ""));
    };
    const ball = await make(assemble);
    expect(found).toEqual([ball]);
  });
});

describe("of an assembled ball", () => {
  test.each([
    ["that is wanted so", assemble, {}],
    ["that is compressed", deflate, {}],
    ["whose objects alone are too long", auto, { streamedBytes: 299 }],
  ])(
    "%s parts are not asked about and nothing is read, and versions are its pins",
    async (_, wish, limits) => {
      const { make, sources, balls } = setUp();
      const ball = await make(wish, limits);
      expect([sources.askedForParts, sources.reads]).toEqual([[], []]);
      const manifest = await balls.getManifest(ball);
      expect([0, 1, 2].map((entry) => manifest.source(entry).pin)).toEqual(
        ["v1", "v3", "v2"].map((versionId) => ({ kind: "version", versionId })),
      );
      expect((await balls.getCrc32s(ball)).knownCount).toBe(1);
    },
  );

  test("that its names make too long all is learned: that is known at the end", async () => {
    const { make, balls } = setUp();
    const ball = await make(auto, { streamedBytes: 300 });
    expect(ball.delivery).toBe("assemble");
    expect((await balls.getCrc32s(ball)).knownCount).toBe(3);
  });

  test("objects that grew since they were listed are what is judged", async () => {
    const { lengthBytes } = await setUp().make(auto);
    const { make, sources } = setUp();
    const list = sources.list.bind(sources);
    sources.list = async function* (bucket, prefix) {
      yield* list(bucket, prefix);
      sources.put("f/nowhere", "n".repeat(101), { versionId: "v4" });
    };
    const ball = await make(auto, { streamedBytes: lengthBytes });
    expect(ball).toMatchObject({ delivery: "assemble", lengthBytes: lengthBytes + 1 });
  });
});

describe("nothing is stored, and nothing is asked for", () => {
  test.each([
    ["to be streamed, by a byte of its headers", stream, { streamedBytes: 300 }, 3],
    ["to be streamed, for its objects alone", stream, { streamedBytes: 299 }, 0],
    ["to be compressed", deflate, { compressedBytes: 299 }, 0],
  ])("of what is too large %s", async (_, wish, limits, described) => {
    const { make, sources, outcome } = setUp();
    await expect(make(wish, limits)).rejects.toMatchObject({ code: "archive-too-large" });
    expect(outcome()).toEqual({ stored: 0, sent: 0 });
    // Objects that are too many bytes by themselves are not asked about one by one.
    expect(sources.described).toHaveLength(described);
  });

  test("when the ball can not be stored", async () => {
    const { make, balls, outcome } = setUp();
    balls.put = async () => {
      throw new Error("DynamoDB fails");
    };
    await expect(make(assemble)).rejects.toThrow("DynamoDB fails");
    expect(outcome()).toEqual({ stored: 0, sent: 0 });
  });
});

describe("when its assembly can not be asked for", () => {
  /** Fails every sending, and tells which ball it was for. */
  function failing(queue: MemoryAssemblyQueue): string[] {
    const ids: string[] = [];
    queue.beforeSend = (work) => {
      ids.push(...work.map(({ ballId }) => ballId));
      throw new Error("SQS fails");
    };
    return ids;
  }

  test("a ball can not be found", async () => {
    const { make, balls, queue } = setUp();
    const ids = failing(queue);
    await expect(make(assemble)).rejects.toThrow("SQS fails");
    expect(ids).toHaveLength(1);
    expect(await balls.get(ids[0] ?? "")).toBeUndefined();
  });

  test("nor be removed, that is what is told", async () => {
    const { make, balls, queue } = setUp();
    failing(queue);
    balls.remove = async () => {
      throw new Error("DynamoDB fails");
    };
    await expect(make(assemble)).rejects.toThrow("SQS fails");
  });
});

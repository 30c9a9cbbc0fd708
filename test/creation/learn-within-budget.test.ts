import { crc32 } from "node:zlib";
import { expect, test, vi } from "vitest";
import type { SourceObject } from "../../lambdas/ball/source.ts";
import type { KnownContents } from "../../lambdas/crc32/known-contents.ts";
import { learnWithinBudget } from "../../lambdas/creation/learn-within-budget.ts";
import { MemoryContents } from "../support/memory-contents.ts";
import { MemorySources } from "../support/memory-sources.ts";

const bucket = "bucket";
const never = new AbortController().signal;

/** As a listing tells of it. */
const listed = (object: SourceObject): SourceObject => ({
  ...object,
  versionId: undefined,
  crc32: "not told",
});

function setUp() {
  const sources = new MemorySources();
  const contents = new MemoryContents();
  const learn = (objects: readonly SourceObject[], deadline = never, known: KnownContents = contents) =>
    learnWithinBudget({ reader: sources, contents: known, bucket, objects, extent: "all", deadline });
  const learnTold = (objects: readonly SourceObject[]) =>
    learnWithinBudget({ reader: sources, contents, bucket, objects, extent: "told", deadline: never });
  return { sources, contents, learn, learnTold };
}

const asked = ({ described, askedForParts, reads }: MemorySources) => ({
  described: [...described].sort(),
  askedForParts: [...askedForParts].sort(),
  read: reads.map(({ key }) => key),
});

test("what S3 keeps is asked for, parts are combined, and only what is in neither is read, once", async () => {
  const { sources, learn } = setUp();
  const objects = [
    sources.put("kept", "kept by S3"),
    sources.put("parts", "kept in parts", { partBytes: 3 }),
    sources.put("nowhere", "kept nowhere", { keepsCrc32: false }),
    sources.put("empty", "", { keepsCrc32: false }),
  ];
  const learned = await learn(objects.map(listed));
  expect(learned.map((object) => object.crc32)).toEqual([
    crc32("kept by S3"),
    crc32("kept in parts"),
    crc32("kept nowhere"),
    "not told",
  ]);
  expect(asked(sources)).toEqual({
    described: ["kept", "nowhere", "parts"],
    askedForParts: ["parts"],
    read: ["nowhere"],
  });
});

test("where what S3 tells is enough, no part is asked about and nothing is read, and versions are known", async () => {
  const { sources, contents, learn, learnTold } = setUp();
  const recalled = sources.put("recalled", "learned before", { versionId: "v1" });
  await learn([listed(recalled)]);
  sources.described.length = 0;
  const objects = [
    recalled,
    sources.put("kept", "kept by S3", { versionId: "v2" }),
    sources.put("parts", "kept in parts", { partBytes: 3, versionId: "v3" }),
    sources.put("nowhere", "kept nowhere", { keepsCrc32: false, versionId: "v4" }),
  ];
  const learned = await learnTold(objects.map(listed));
  expect(learned.map(({ crc32, versionId }) => [crc32, versionId])).toEqual([
    [crc32("learned before"), "v1"],
    [crc32("kept by S3"), "v2"],
    ["in parts", "v3"],
    ["not kept", "v4"],
  ]);
  expect(asked(sources)).toEqual({
    described: ["kept", "nowhere", "parts"],
    askedForParts: [],
    read: [],
  });
  expect(contents.kept.map(({ key }) => key)).toEqual(["recalled", "kept"]);
});

test("parts that S3 does not tell are read", async () => {
  const { sources, learn } = setUp();
  const object = sources.put("parts", "kept in parts", { partBytes: 3 });
  sources.partCrc32s = async () => undefined;
  const [learned] = await learn([listed(object)]);
  expect(learned?.crc32).toBe(crc32("kept in parts"));
  expect(sources.reads).toHaveLength(1);
});

test.each([
  ["without versions", undefined],
  ["with versions", "v1"],
  ["that kept none when they were uploaded", "null"],
])("the second time nothing is asked and nothing is read, in a bucket %s", async (_name, versionId) => {
  const { sources, learn } = setUp();
  const version = versionId === undefined ? {} : { versionId };
  const objects = [
    sources.put("kept", "kept by S3", version),
    sources.put("parts", "kept in parts", { partBytes: 3, ...version }),
    sources.put("nowhere", "kept nowhere", { keepsCrc32: false, ...version }),
  ].map(listed);
  const first = await learn(objects);
  const before = asked(sources);
  const second = await learn(objects);
  expect(asked(sources)).toEqual(before);
  expect(second).toEqual(
    objects.map((object, index) => ({ ...object, versionId, crc32: first[index]?.crc32 })),
  );
});

test("an object uploaded again with the same bytes is asked about, for its version, and not read", async () => {
  const { sources, learn } = setUp();
  const first = sources.put("a", "same", { keepsCrc32: false, versionId: "v1" });
  await learn([listed(first)]);
  const again = {
    ...sources.put("a", "same", { keepsCrc32: false, versionId: "v2" }),
    mtimeEpochSeconds: 1_800_000_000,
  };
  const [learned] = await learn([listed(again)]);
  expect(learned).toMatchObject({ versionId: "v2", crc32: crc32("same") });
  expect(sources.described).toEqual(["a", "a"]);
  expect(sources.reads).toHaveLength(1);
});

test("what a download kept of a version is not read again", async () => {
  const { sources, contents, learn } = setUp();
  const object = sources.put("a", "large", { keepsCrc32: false, versionId: "v1" });
  await contents.keep(bucket, [
    { key: "a", pin: { kind: "version", versionId: "v1" }, crc32: crc32("large") },
  ]);
  const [learned] = await learn([listed(object)]);
  expect(learned).toMatchObject({ versionId: "v1", crc32: crc32("large") });
  expect(sources.reads).toEqual([]);
});

test("thousands of objects are each asked about once, and come back in their order", async () => {
  const { sources, learn } = setUp();
  const objects = Array.from({ length: 3500 }, (_, index) =>
    listed(sources.put(`${index}`, `body ${index}`)),
  );
  const learned = await learn(objects);
  expect(learned.map((object) => object.crc32)).toEqual(objects.map((_, index) => crc32(`body ${index}`)));
  expect(sources.described).toHaveLength(3500);
  const again = await learn(objects);
  expect(again).toEqual(learned);
  expect(sources.described).toHaveLength(3500);
});

test("what takes long to look up leaves time to ask about what was looked up", async () => {
  const { sources, contents, learn } = setUp();
  const deadline = new AbortController();
  let calls = 0;
  contents.beforeCall = async (signal) => {
    calls += 1;
    if (calls <= 3) return;
    // All pages but the first are looked up too late.
    await new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  };
  const objects = Array.from({ length: 6000 }, (_, index) =>
    listed(sources.put(`${index}`, `body ${index}`)),
  );
  const describe = sources.describe.bind(sources);
  sources.describe = async (in_, key, signal) => {
    if (sources.described.length === 1500) deadline.abort(new Error("it is late"));
    return await describe(in_, key, signal);
  };
  const learned = await learn(objects, deadline.signal);
  expect(learned.filter((object) => typeof object.crc32 === "number").length).toBeGreaterThan(1000);
});

test("several versions of one key are each themselves, and the same one twice is asked about once", async () => {
  const { sources, learn } = setUp();
  const old = sources.put("a", "old", { versionId: "v1", keepsCrc32: false });
  const newest = sources.put("a", "newest", { versionId: "v2", keepsCrc32: false });
  const unasked = (object: SourceObject): SourceObject => ({ ...object, crc32: "not told" });
  const learned = await learn([unasked(old), listed(newest), unasked(old), unasked(newest), listed(newest)]);
  expect(learned.map(({ versionId, crc32: value }) => [versionId, value])).toEqual(
    [old, newest, old, newest, newest].map(({ versionId }) => [
      versionId,
      crc32(versionId === "v1" ? "old" : "newest"),
    ]),
  );
  // Once by its version, once because a listing does not tell which version that is.
  expect(sources.described).toHaveLength(3);
});

test("an object whose version and CRC-32 are known is not asked about at all", async () => {
  const { sources, contents, learn } = setUp();
  const object = sources.put("a", "known", { versionId: "v1" });
  expect(await learn([object])).toEqual([object]);
  expect(sources.described).toEqual([]);
  expect([contents.lookedUp, contents.kept]).toEqual([[], []]);
});

test("a version that was chosen and is gone is an object that was deleted", async () => {
  const { sources, learn } = setUp();
  const object = sources.put("a", "known", { versionId: "v1", keepsCrc32: false });
  const gone = learn([{ ...object, versionId: "v0", crc32: "not told" }]);
  await expect(gone).rejects.toMatchObject({ code: "source-not-found" });
});

test.each(["in parts", "not kept"] as const)(
  "an object replaced before its CRC-32, which is %s, was learned is taken as it is now",
  async (kept) => {
    const { sources, learn } = setUp();
    const before = sources.put("a", "before", { keepsCrc32: false });
    sources.put("a", "after");
    const [learned] = await learn([{ ...before, crc32: kept }]);
    expect(learned).toMatchObject({ sizeBytes: 5, crc32: crc32("after") });
  },
);

test("when the deadline comes, what was learned by then is kept and told", async () => {
  const { sources, contents, learn } = setUp();
  const deadline = new AbortController();
  const small = sources.put("small", "small", { keepsCrc32: false });
  const larger = sources.put("larger", Buffer.alloc(5 * 1024 * 1024), { keepsCrc32: false });
  const told = sources.put("told", "told");
  sources.beforeRead = async ({ key }) => {
    if (key !== "larger") return;
    await vi.waitUntil(() => sources.openReads === 1);
    deadline.abort(new Error("it is late"));
  };
  const learned = await learn([larger, told, small].map(listed), deadline.signal);
  expect(learned.map((object) => object.crc32)).toEqual(["not kept", crc32("told"), crc32("small")]);
  expect(contents.kept.map(({ key }) => key).sort()).toEqual(["small", "told"]);
});

test("what S3 told of objects before the deadline is kept, though it came while they were being asked about", async () => {
  const { sources, contents, learn } = setUp();
  const deadline = new AbortController();
  const objects = Array.from({ length: 200 }, (_, index) =>
    sources.put(`${index}`, `${index}`.repeat(index + 1)),
  );
  const describe = sources.describe.bind(sources);
  sources.describe = async (in_, key, signal) => {
    if (key === "150") deadline.abort(new Error("it is late"));
    return await describe(in_, key, signal);
  };
  const learned = await learn(objects.map(listed), deadline.signal);
  const known = learned.filter((object) => typeof object.crc32 === "number");
  expect(known.length).toBeGreaterThan(50);
  expect(known.length).toBeLessThan(200);
  expect(contents.kept.length).toBeGreaterThan(50);
});

test("contents that can neither be found nor kept do not fail a ball", async () => {
  const { sources, contents, learn } = setUp();
  contents.beforeCall = () => {
    throw new Error("The table is gone");
  };
  const [learned] = await learn([listed(sources.put("a", "hello", { keepsCrc32: false }))]);
  expect(learned?.crc32).toBe(crc32("hello"));
});

test("contents that do not answer in time do not hold a ball up", async () => {
  const { sources, contents, learn } = setUp();
  const deadline = new AbortController();
  contents.beforeCall = (signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      deadline.abort(new Error("it is late"));
    });
  const object = listed(sources.put("a", "hello"));
  expect(await learn([object], deadline.signal)).toEqual([object]);
});

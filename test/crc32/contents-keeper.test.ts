import { expect, test } from "vitest";
import { ContentsKeeper } from "../../lambdas/crc32/contents-keeper.ts";
import type { KnownContent } from "../../lambdas/crc32/known-contents.ts";
import { MemoryContents } from "../support/memory-contents.ts";

const content = (crc32: number): KnownContent => ({
  key: `${crc32}`,
  pin: { kind: "etag", etag: '"e"' },
  crc32,
});
const keeperOf = (contents: MemoryContents, signal = new AbortController().signal) =>
  new ContentsKeeper({ contents, bucket: "bucket", signal });

test("what is learned while some is on its way goes with the next, and one at a time is on its way", async () => {
  const contents = new MemoryContents();
  let calls = 0;
  let open = 0;
  contents.beforeCall = async () => {
    calls += 1;
    open += 1;
    expect(open).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
  };
  const keeper = keeperOf(contents);
  for (let crc32 = 0; crc32 < 50; crc32 += 1) keeper.keep(content(crc32));
  await keeper.done();
  expect(contents.kept.map(({ crc32 }) => crc32)).toEqual(Array.from({ length: 50 }, (_, crc32) => crc32));
  expect(calls).toBe(2);
  keeper.keep(content(50));
  await keeper.done();
  expect(contents.kept).toHaveLength(51);
});

test("nothing on its way is done at once", async () => {
  await keeperOf(new MemoryContents()).done();
});

test("what can not be kept fails nobody, and what comes behind it is kept", async () => {
  const contents = new MemoryContents();
  const keeper = keeperOf(contents);
  contents.beforeCall = () => {
    throw new Error("The table is gone");
  };
  keeper.keep(content(1));
  await keeper.done();
  contents.beforeCall = () => undefined;
  keeper.keep(content(2));
  await keeper.done();
  expect(contents.kept).toEqual([content(2)]);
});

test("once it is too late nothing is kept", async () => {
  const contents = new MemoryContents();
  const keeper = keeperOf(contents, AbortSignal.abort());
  keeper.keep(content(1));
  await keeper.done();
  expect(contents.kept).toEqual([]);
});

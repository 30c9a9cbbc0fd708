import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { pinOf } from "../../lambdas/ball/pin.ts";
import type { SourceObject } from "../../lambdas/ball/source.ts";
import { readBufferBytes } from "../../lambdas/ball/source.ts";
import { Crc32Learner } from "../../lambdas/crc32/crc32-learner.ts";
import { readCrc32 } from "../../lambdas/crc32/read-crc32.ts";
import { MemoryContents } from "../support/memory-contents.ts";
import { MemorySources } from "../support/memory-sources.ts";

const sourceOf = (object: SourceObject) => ({
  bucket: "bucket",
  key: object.key,
  sizeBytes: object.sizeBytes,
  pin: pinOf(object),
});

const mebibyte = 1024 * 1024;

test("the CRC-32 that S3 keeps is asked for, and nothing is read", async () => {
  const sources = new MemorySources();
  const source = sourceOf(sources.put("a", "hello"));
  expect(await new Crc32Learner(sources).learn(source)).toBe(crc32("hello"));
  expect(sources.reads).toEqual([]);
});

test.each([1, 2 * mebibyte - 1, 2 * mebibyte, 2 * mebibyte + 1, 5 * mebibyte])(
  "where S3 keeps none, %i bytes are read once, piece by piece",
  async (length) => {
    const sources = new MemorySources();
    const bytes = Buffer.alloc(length, "zipball");
    const source = sourceOf(sources.put("a", bytes, { keepsCrc32: false }));
    expect(await new Crc32Learner(sources).learn(source)).toBe(crc32(bytes));
    const read = sources.reads.reduce((sum, { range }) => sum + range.end - range.start, 0);
    expect(read).toBe(length);
    expect(sources.mostOpenReads).toBe(1);
  },
);

test("where S3 keeps those of its parts, they are combined, and nothing is read", async () => {
  const sources = new MemorySources();
  const source = sourceOf(sources.put("a", "in many parts", { partBytes: 2 }));
  expect(await new Crc32Learner(sources).learn(source)).toBe(crc32("in many parts"));
  expect([sources.askedForParts, sources.reads]).toEqual([["a"], []]);
});

test("where S3 does not tell the parts, the object is read", async () => {
  const sources = new MemorySources();
  const source = sourceOf(sources.put("a", "in many parts", { partBytes: 2 }));
  sources.partCrc32s = async () => undefined;
  expect(await new Crc32Learner(sources).learn(source)).toBe(crc32("in many parts"));
});

describe("what was learned before", () => {
  test("is not asked for, nor read", async () => {
    const sources = new MemorySources();
    const contents = new MemoryContents();
    const source = sourceOf(sources.put("a", "hello", { keepsCrc32: false }));
    await contents.keep("bucket", [{ key: "a", pin: source.pin, crc32: crc32("hello") }]);
    expect(await new Crc32Learner(sources, contents).learn(source)).toBe(crc32("hello"));
    expect([sources.reads, sources.described]).toEqual([[], []]);
  });

  test("of a version is found under its ETag, too, and not read", async () => {
    const sources = new MemorySources();
    const contents = new MemoryContents();
    const object = sources.put("a", "hello", { keepsCrc32: false, versionId: "v1" });
    const pin = { kind: "etag", etag: object.etag } as const;
    await contents.keep("bucket", [{ key: "a", pin, crc32: crc32("hello") }]);
    expect(await new Crc32Learner(sources, contents).learn(sourceOf(object))).toBe(crc32("hello"));
    expect([sources.reads, sources.described]).toEqual([[], ["a"]]);
  });

  test("is learned again when it can not be found", async () => {
    const sources = new MemorySources();
    const contents = new MemoryContents();
    contents.beforeCall = () => {
      throw new Error("The table is gone");
    };
    const source = sourceOf(sources.put("a", "hello", { keepsCrc32: false }));
    expect(await new Crc32Learner(sources, contents).learn(source)).toBe(crc32("hello"));
  });
});

test("of an empty object it is 0, without a question", async () => {
  const sources = new MemorySources();
  const source = sourceOf(sources.put("a", "", { keepsCrc32: false }));
  expect([await new Crc32Learner(sources).learn(source), await readCrc32(sources, source)]).toEqual([0, 0]);
  expect([sources.reads, sources.described]).toEqual([[], []]);
});

test("that of another object is not taken for it", async () => {
  const sources = new MemorySources();
  const source = sourceOf(sources.put("a", "hello"));
  sources.put("a", "other");
  await expect(new Crc32Learner(sources).learn(source)).rejects.toMatchObject({ code: "source-changed" });
});

test("is given up when it is aborted, in the middle of the bytes", async () => {
  const sources = new MemorySources();
  const gone = new AbortController();
  const bytes = Buffer.alloc(9 * mebibyte);
  const source = sourceOf(sources.put("a", bytes, { keepsCrc32: false }));
  sources.beforeChunk = (_call, offset) => {
    if (offset > 4 * mebibyte) gone.abort(new Error("too late"));
  };
  await expect(new Crc32Learner(sources).learn(source, gone.signal)).rejects.toThrow("too late");
  expect(sources.reads).toHaveLength(1);
  expect(sources.heldBytes).toBeLessThanOrEqual(readBufferBytes);
});

test("bytes that are not those of the ETag are refused, not learned", async () => {
  const sources = new MemorySources();
  const source = sourceOf(sources.put("a", Buffer.alloc(3 * mebibyte, "x"), { keepsCrc32: false }));
  sources.corrupt("a", Buffer.alloc(3 * mebibyte, "y"));
  await expect(new Crc32Learner(sources).learn(source)).rejects.toMatchObject({ code: "source-corrupt" });
});

test("of an object whose ETag is no MD5 the bytes are taken as they come", async () => {
  const sources = new MemorySources();
  const source = sourceOf(sources.put("a", "in parts", { keepsCrc32: false, partBytes: 4 }));
  sources.corrupt("a", Buffer.from("ni parts"));
  expect(await new Crc32Learner(sources).learn(source)).toBe(crc32("ni parts"));
});

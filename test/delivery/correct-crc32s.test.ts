import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { pinOf } from "../../lambdas/ball/pin.ts";
import { correctCrc32s } from "../../lambdas/delivery/correct-crc32s.ts";
import type { RefutedCrc32 } from "../../lambdas/delivery/refuted-crc32s.ts";
import { MemorySources, type PutOptions } from "../support/memory-sources.ts";
import { someBytes } from "./archive-of.ts";

const MiB = 1024 * 1024;
const wrong = 0x1234_5678;

function refutedObject(bytes: Uint8Array, options: PutOptions = {}) {
  const sources = new MemorySources();
  const { key, sizeBytes, ...object } = sources.put("a.bin", bytes, options);
  const source = { bucket: "bucket", key, sizeBytes, pin: pinOf(object) };
  const refuted = (more: Partial<RefutedCrc32> = {}) => ({
    ...{ source, planNumber: 0, crc32: wrong, hasLeft: true },
    ...more,
  });
  return { sources, refuted };
}

const learned = (corrections: Awaited<ReturnType<typeof correctCrc32s>>) =>
  corrections.map((correction) => correction.crc32);

describe("a refuted CRC-32 is learned anew", () => {
  test.each<[from: string, lengthBytes: number, options: PutOptions, isRead: boolean]>([
    ["what S3 tells of the object", 1000, {}, false],
    ["what S3 tells of its parts", 5 * MiB, { partBytes: 2 * MiB }, false],
    ["its bytes, where S3 tells none", 1000, { keepsCrc32: false }, true],
    ["its bytes, as many as a download holds", 16 * MiB, { keepsCrc32: false }, true],
  ])("from %s", async (_from, lengthBytes, options, isRead) => {
    const bytes = someBytes(lengthBytes);
    const { sources, refuted } = refutedObject(bytes, options);
    expect(learned(await correctCrc32s(sources, [refuted()]))).toEqual([crc32(bytes)]);
    expect(sources.reads.length > 0).toBe(isRead);
  });

  test("by the next download, where S3 tells none and there is more to read than a download holds", async () => {
    const { sources, refuted } = refutedObject(someBytes(16 * MiB + 1), { keepsCrc32: false });
    expect(learned(await correctCrc32s(sources, [refuted()]))).toEqual([undefined]);
    expect(sources.reads).toEqual([]);
  });

  test("from what S3 tells, though the bytes are others", async () => {
    const bytes = someBytes(1000);
    const { sources, refuted } = refutedObject(bytes);
    sources.corrupt("a.bin", someBytes(1000, 2));
    const told = refuted({ crc32: crc32(bytes) });
    expect(learned(await correctCrc32s(sources, [told]))).toEqual([crc32(bytes)]);
  });
});

describe("where S3 fails, or the bytes are not what their MD5 says,", () => {
  test.each<[hasLeft: boolean, expected: unknown[]]>([
    [true, [wrong]],
    [false, []],
  ])(
    "with some of them gone out (%s) it stays, so that they are not believed: %j",
    async (hasLeft, expected) => {
      const failing = refutedObject(someBytes(1000));
      failing.sources.describePinned = () => Promise.reject(new Error("S3 goes on failing"));
      const corrupt = refutedObject(someBytes(1000), { keepsCrc32: false });
      corrupt.sources.corrupt("a.bin", someBytes(1000, 2));
      for (const { sources, refuted } of [failing, corrupt])
        expect(learned(await correctCrc32s(sources, [refuted({ hasLeft })]))).toEqual(expected);
    },
  );
});

test("of an object that is longer than a download holds it is left to the next download when S3 fails", async () => {
  const { sources, refuted } = refutedObject(someBytes(16 * MiB + 1));
  sources.describePinned = () => Promise.reject(new Error("S3 goes on failing"));
  expect(learned(await correctCrc32s(sources, [refuted()]))).toEqual([undefined]);
});

test("one that S3 confirms stays, unless bytes that do not have it have gone out", async () => {
  const bytes = someBytes(1000);
  const { sources, refuted } = refutedObject(bytes);
  const [told, toldToo] = [true, false].map((hasLeft) => refuted({ crc32: crc32(bytes), hasLeft }));
  if (told === undefined || toldToo === undefined) throw new Error("There are two");
  expect(await correctCrc32s(sources, [told, toldToo])).toEqual([{ refuted: told, crc32: crc32(bytes) }]);
});

test("of none nothing is asked", async () => {
  const { sources } = refutedObject(someBytes(10));
  expect(await correctCrc32s(sources, [])).toEqual([]);
  expect(sources.described).toEqual([]);
});

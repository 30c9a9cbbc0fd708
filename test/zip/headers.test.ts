import { describe, expect, test } from "vitest";
import {
  encodeCentralDirectoryHeader,
  lengthOfCentralDirectoryHeader,
} from "../../lambdas/zip/central-directory-header.ts";
import type { EntryFields } from "../../lambdas/zip/entry.ts";
import { encodeLocalFileHeader, lengthOfLocalFileHeader } from "../../lambdas/zip/local-file-header.ts";
import { someEntry, someTime } from "./entry-fields.ts";
import { readCentralDirectoryHeader, readLocalFileHeader } from "./read-records.ts";

const sentinel = 0xffffffff;
const timestamp = { tag: 0x5455, values: [1, someTime] };

function localOf(entry: EntryFields) {
  const bytes = new Uint8Array(lengthOfLocalFileHeader(entry));
  expect(encodeLocalFileHeader(entry, bytes, 0)).toBe(bytes.length);
  return readLocalFileHeader(bytes);
}

function centralOf(entry: EntryFields) {
  const bytes = new Uint8Array(lengthOfCentralDirectoryHeader(entry));
  expect(encodeCentralDirectoryHeader(entry, bytes, 0)).toBe(bytes.length);
  return readCentralDirectoryHeader(bytes);
}

/** What both headers of the same small file say alike. */
const alike = {
  versionNeeded: 20,
  flags: 0x0800,
  method: 0,
  time: (22 << 11) | (13 << 5) | 10,
  date: (43 << 9) | (11 << 5) | 14,
  crc32: 0xdeadbeef,
  compressedSize: 11,
  uncompressedSize: 11,
  name: "grüße.txt",
  extra: [timestamp],
  bytesAfter: 0,
};

describe("a small file", () => {
  test("has a local file header with its CRC-32 and sizes, and no data descriptor", () => {
    expect(localOf(someEntry())).toEqual({ signature: 0x04034b50, ...alike });
  });

  test("has a central directory header made on Unix, a regular file", () => {
    expect(centralOf(someEntry({ localHeaderOffset: 77 }))).toEqual({
      signature: 0x02014b50,
      versionMadeBy: 0x032d,
      ...alike,
      commentLength: 0,
      disk: 0,
      internalAttributes: 0,
      externalAttributes: 0o100644 * 0x10000,
      localHeaderOffset: 77,
    });
  });

  test("is written where the caller says, and nothing else is touched", () => {
    const entry = someEntry();
    const length = lengthOfLocalFileHeader(entry);
    const target = new Uint8Array(length + 10).fill(0xee);
    expect(encodeLocalFileHeader(entry, target, 5)).toBe(length + 5);
    expect(target.subarray(0, 5)).toEqual(new Uint8Array(5).fill(0xee));
    expect(target.subarray(length + 5)).toEqual(new Uint8Array(5).fill(0xee));
    expect(readLocalFileHeader(target.subarray(5, length + 5)).name).toBe("grüße.txt");
  });

  test("is refused by a buffer that is too short", () => {
    const entry = someEntry();
    const target = new Uint8Array(lengthOfLocalFileHeader(entry) - 1);
    expect(() => encodeLocalFileHeader(entry, target, 0)).toThrow(RangeError);
  });
});

test("a directory is one for Unix and for MS-DOS", () => {
  const directory = someEntry({ text: "empty/", sizeBytes: 0, crc32: 0 });
  expect(centralOf(directory).externalAttributes).toBe(0o040755 * 0x10000 + 0x10);
  expect(localOf(directory)).toMatchObject({
    name: "empty/",
    versionNeeded: 20,
    crc32: 0,
    uncompressedSize: 0,
  });
});

describe("extended timestamp", () => {
  test.each([
    [-1, []],
    [0, [{ tag: 0x5455, values: [1, 0] }]],
    [0x7fffffff, [{ tag: 0x5455, values: [1, 0x7fffffff] }]],
    [0x80000000, []],
  ])("at %d seconds", (mtimeEpochSeconds, extra) => {
    expect(localOf(someEntry({ mtimeEpochSeconds })).extra).toEqual(extra);
    expect(centralOf(someEntry({ mtimeEpochSeconds })).extra).toEqual(extra);
  });
});

describe("zip64 by size", () => {
  test.each([
    ["limit - 1", sentinel - 1],
    ["0", 0],
  ])("is not used at %s", (_, sizeBytes) => {
    const entry = someEntry({ sizeBytes });
    const expected = {
      versionNeeded: 20,
      compressedSize: sizeBytes,
      uncompressedSize: sizeBytes,
      extra: [timestamp],
    };
    expect(localOf(entry)).toMatchObject(expected);
    expect(centralOf(entry)).toMatchObject({ ...expected, disk: 0, localHeaderOffset: 0 });
  });

  test.each([
    ["limit", sentinel],
    ["limit + 1", sentinel + 1],
    ["5 TiB", 5 * 2 ** 40],
  ])("is used in both headers at %s", (_, sizeBytes) => {
    const entry = someEntry({ sizeBytes, localHeaderOffset: 77 });
    const expected = { versionNeeded: 45, compressedSize: sentinel, uncompressedSize: sentinel };
    expect(localOf(entry)).toMatchObject({
      ...expected,
      extra: [{ tag: 1, values: [sizeBytes, sizeBytes] }, timestamp],
    });
    expect(centralOf(entry)).toMatchObject({
      ...expected,
      disk: 0xffff,
      localHeaderOffset: sentinel,
      extra: [{ tag: 1, values: [sizeBytes, sizeBytes, 77, 0] }, timestamp],
    });
  });
});

describe("zip64 by offset", () => {
  test("is not used at limit - 1", () => {
    const entry = someEntry({ localHeaderOffset: sentinel - 1 });
    expect(localOf(entry)).toMatchObject({ versionNeeded: 20 });
    expect(centralOf(entry)).toMatchObject({
      versionNeeded: 20,
      localHeaderOffset: sentinel - 1,
      extra: [timestamp],
    });
  });

  test.each([
    ["limit", sentinel],
    ["limit + 1", sentinel + 1],
    ["5 TiB", 5 * 2 ** 40],
  ])("is used in the central header at %s, and told by the version of both", (_, localHeaderOffset) => {
    const entry = someEntry({ localHeaderOffset });
    expect(localOf(entry)).toMatchObject({ versionNeeded: 45, uncompressedSize: 11, extra: [timestamp] });
    expect(centralOf(entry)).toMatchObject({
      versionNeeded: 45,
      compressedSize: sentinel,
      uncompressedSize: sentinel,
      disk: 0xffff,
      localHeaderOffset: sentinel,
      extra: [{ tag: 1, values: [11, 11, localHeaderOffset, 0] }, timestamp],
    });
  });
});

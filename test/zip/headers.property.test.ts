import fc from "fast-check";
import { expect, test } from "vitest";
import {
  encodeCentralDirectoryHeader,
  lengthOfCentralDirectoryHeader,
} from "../../lambdas/zip/central-directory-header.ts";
import {
  encodeEndOfCentralDirectory,
  lengthOfEndOfCentralDirectory,
} from "../../lambdas/zip/end-of-central-directory.ts";
import { encodeLocalFileHeader, lengthOfLocalFileHeader } from "../../lambdas/zip/local-file-header.ts";
import { readCentralDirectoryHeader, readLocalFileHeader } from "./read-records.ts";

/** Numbers that like to stand at the limits of 16, 31 and 32 bits. */
const bytes = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 45 }),
  fc.integer({ min: 0xffff - 2, max: 0xffff + 2 }),
  fc.integer({ min: 0xffffffff - 2, max: 0xffffffff + 2 }),
);
const seconds = fc.oneof(
  fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
  fc.integer({ min: -2, max: 2 }),
  fc.integer({ min: 0x7fffffff - 2, max: 0x7fffffff + 2 }),
);
const entries = fc
  .record({
    text: fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }),
    isDirectory: fc.boolean(),
    sizeBytes: bytes,
    crc32: fc.integer({ min: 0, max: 0xffffffff }),
    mtimeEpochSeconds: seconds,
    localHeaderOffset: bytes,
  })
  .map(({ text, ...fields }) => {
    const name = new TextEncoder().encode(text);
    return { ...fields, name, nameLengthBytes: name.length, text };
  });

/** Room on both sides, so that a record that is longer or shorter than foretold shows. */
function written(length: number, encode: (target: Uint8Array, offset: number) => number): Uint8Array {
  const target = new Uint8Array(length + 200).fill(0xee);
  expect(encode(target, 100)).toBe(100 + length);
  expect(target.subarray(0, 100).every((byte) => byte === 0xee)).toBe(true);
  expect(target.subarray(100 + length).every((byte) => byte === 0xee)).toBe(true);
  return target.subarray(100, 100 + length);
}

test("an entry's headers have the length foretold and agree with each other", () => {
  fc.assert(
    fc.property(entries, (entry) => {
      const local = readLocalFileHeader(
        written(lengthOfLocalFileHeader(entry), (target, offset) =>
          encodeLocalFileHeader(entry, target, offset),
        ),
      );
      const central = readCentralDirectoryHeader(
        written(lengthOfCentralDirectoryHeader(entry), (target, offset) =>
          encodeCentralDirectoryHeader(entry, target, offset),
        ),
      );
      expect([local.bytesAfter, central.bytesAfter]).toEqual([0, 0]);
      const { versionNeeded, flags, method, time, date, crc32, name } = local;
      expect(central).toMatchObject({ versionNeeded, flags, method, time, date, crc32, name });
      expect(name).toBe(entry.text);
    }),
  );
});

test("an entry's headers keep their length whatever the CRC-32", () => {
  fc.assert(
    fc.property(entries, fc.integer({ min: 0, max: 0xffffffff }), (entry, crc32) => {
      const other = { ...entry, crc32 };
      expect(lengthOfLocalFileHeader(other)).toBe(lengthOfLocalFileHeader(entry));
      expect(lengthOfCentralDirectoryHeader(other)).toBe(lengthOfCentralDirectoryHeader(entry));
    }),
  );
});

test("the end of central directory has the length foretold", () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, (entryCount, centralDirectoryBytes, centralDirectoryOffset) => {
      const totals = { entryCount, centralDirectoryBytes, centralDirectoryOffset };
      written(lengthOfEndOfCentralDirectory(totals), (target, offset) =>
        encodeEndOfCentralDirectory(totals, target, offset),
      );
    }),
  );
});

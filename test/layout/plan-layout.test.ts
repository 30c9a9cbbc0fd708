import { describe, expect, test } from "vitest";
import { encodeSlice, type HeaderSlice } from "../../lambdas/layout/encode-slice.ts";
import { type Layout, localHeaderOffset } from "../../lambdas/layout/layout.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { rangeOfSegment, type Segment } from "../../lambdas/layout/segment.ts";
import {
  readCentralDirectoryHeader,
  readEndOfCentralDirectory,
  readLocalFileHeader,
} from "../zip/read-records.ts";
import { type FakeNumbers, fakeSource } from "./fake-source.ts";

const limit16 = 0xffff;
const limit32 = 0xffffffff;
/** Local and central header of an entry with a name of 5 bytes and a time, without zip64. */
const localBytes = 30 + 5 + 9;
const centralBytes = 46 + 5 + 9;

const plan = (numbers: FakeNumbers): Layout => planLayout(fakeSource(numbers));

function encodeWhole(layout: Layout, segment: Exclude<Segment, { kind: "file-data" }>): Uint8Array {
  const { start, end } = rangeOfSegment(layout, segment);
  const slice: HeaderSlice = { ...segment, start: 0, end: end - start };
  return encodeSlice(layout, slice, () => 0);
}

const localOf = (layout: Layout, entry: number) =>
  readLocalFileHeader(encodeWhole(layout, { kind: "local-file-header", entry }));
const centralOf = (layout: Layout, entry: number) =>
  readCentralDirectoryHeader(encodeWhole(layout, { kind: "central-directory-header", entry }));
const endOf = (layout: Layout) =>
  readEndOfCentralDirectory(encodeWhole(layout, { kind: "end-of-central-directory" }));

describe("a layout", () => {
  test("puts headers and data one after another, then the directory and its end", () => {
    const layout = plan({ entryCount: 2, sizeBytes: (entry) => entry * 100 });
    expect([...layout.localHeaderOffsets]).toEqual([0, localBytes, 2 * localBytes + 100]);
    expect([...layout.centralHeaderOffsets].map((offset) => offset - layout.centralDirectoryOffset)).toEqual([
      0,
      centralBytes,
      2 * centralBytes,
    ]);
    expect(layout.lengthBytes).toBe(2 * (localBytes + centralBytes) + 100 + 22);
  });

  test("keeps 16 bytes an entry for 1,000,000 entries", () => {
    const layout = plan({ entryCount: 1_000_000, sizeBytes: () => 10_240 });
    const columns = Object.values(layout).filter((value) => value instanceof Float64Array);
    const keptBytes = columns.reduce((sum, column) => sum + column.buffer.byteLength, 0);
    expect(keptBytes).toBe(16 * 1_000_001);
    const others = Object.entries(layout).filter(([, value]) => !(value instanceof Float64Array));
    expect(others.filter(([name, value]) => name !== "source" && typeof value !== "number")).toEqual([]);
  });
});

describe("a layout is refused", () => {
  test.each<[string, FakeNumbers]>([
    ["without entries", { entryCount: 0 }],
    ["with an empty name", { entryCount: 1, nameLengthBytes: () => 0 }],
    ["with a name longer than a header can say", { entryCount: 1, nameLengthBytes: () => 0x10000 }],
    ["with a negative size", { entryCount: 1, sizeBytes: () => -1 }],
    ["with half a byte", { entryCount: 1, sizeBytes: () => 0.5 }],
    ["with a size beyond exact numbers", { entryCount: 1, sizeBytes: () => 2 ** 53 }],
    ["with offsets beyond exact numbers", { entryCount: 2, sizeBytes: () => 2 ** 52 }],
    ["with half a second", { entryCount: 1, mtimeEpochSeconds: () => 0.5 }],
    ["with data in a directory", { entryCount: 1, sizeBytes: () => 1, isDirectory: () => true }],
    ["for a writer of another release", { entryCount: 1, writerVersion: 2 }],
  ])("%s", (_, numbers) => {
    expect(() => plan(numbers)).toThrow(Error);
  });
});

describe("zip64 by size of an entry", () => {
  test.each([
    ["limit - 1", limit32 - 1, false],
    ["limit", limit32, true],
    ["limit + 1", limit32 + 1, true],
  ])("%s", (_, sizeBytes, zip64) => {
    const layout = plan({ entryCount: 1, sizeBytes: () => sizeBytes });
    expect(localOf(layout, 0)).toMatchObject({
      versionNeeded: zip64 ? 45 : 20,
      uncompressedSize: Math.min(sizeBytes, limit32),
      bytesAfter: 0,
    });
    expect(centralOf(layout, 0).extra.map((field) => field.tag)).toEqual(zip64 ? [1, 0x5455] : [0x5455]);
    expect(layout.centralDirectoryOffset).toBe(localBytes + (zip64 ? 20 : 0) + sizeBytes);
  });
});

describe("zip64 by offset of an entry", () => {
  test.each([
    ["limit - 1", limit32 - 1, false],
    ["limit", limit32, true],
    ["limit + 1", limit32 + 1, true],
  ])("%s", (_, offset, zip64) => {
    const layout = plan({ entryCount: 2, sizeBytes: (entry) => (entry === 0 ? offset - localBytes : 7) });
    expect(localHeaderOffset(layout, 1)).toBe(offset);
    expect(localOf(layout, 1)).toMatchObject({ versionNeeded: zip64 ? 45 : 20, uncompressedSize: 7 });
    expect(centralOf(layout, 1)).toMatchObject({
      versionNeeded: zip64 ? 45 : 20,
      localHeaderOffset: Math.min(offset, limit32),
      extra: [...(zip64 ? [{ tag: 1, values: [7, 7, offset, 0] }] : []), { tag: 0x5455 }],
    });
    expect(centralOf(layout, 0)).toMatchObject({ versionNeeded: 20 });
  });
});

describe("zip64 by count of entries", () => {
  test.each([
    ["limit - 1", limit16 - 1, false],
    ["limit", limit16, true],
    ["limit + 1", limit16 + 1, true],
  ])("%s", (_, entryCount, zip64) => {
    const end = endOf(plan({ entryCount }));
    expect(end.zip64Record?.entries).toBe(zip64 ? entryCount : undefined);
    expect(end.record.entries).toBe(Math.min(entryCount, limit16));
    expect(end.record.directoryBytes).toBe(entryCount * centralBytes);
  });
});

describe("zip64 by offset of the directory", () => {
  test.each([
    ["limit - 1", limit32 - 1, false],
    ["limit", limit32, true],
    ["limit + 1", limit32 + 1, true],
  ])("%s", (_, offset, zip64) => {
    const layout = plan({
      entryCount: 2,
      sizeBytes: (entry) => (entry === 0 ? 1000 : offset - 1000 - 2 * localBytes),
    });
    expect(layout.centralDirectoryOffset).toBe(offset);
    const end = endOf(layout);
    expect(end.zip64Record?.directoryOffset).toBe(zip64 ? offset : undefined);
    expect(end.zip64Locator?.recordOffset).toBe(zip64 ? offset + 2 * centralBytes : undefined);
    expect(end.record).toMatchObject({ entries: 2, directoryOffset: Math.min(offset, limit32) });
  });
});

describe("zip64 by size of the directory", () => {
  // As many entries as need no zip64 by count, with names long enough for a directory of 4 GiB.
  const entryCount = limit16 - 1;
  const shortName = 65_480;

  test.each([
    ["limit - 1", limit32 - 1, false],
    ["limit", limit32, true],
    ["limit + 1", limit32 + 1, true],
  ])("%s", (_, directoryBytes, zip64) => {
    const missing = directoryBytes - entryCount * (46 + 9 + shortName);
    const nameLengthBytes = (entry: number) => shortName + Math.max(0, Math.min(55, missing - 55 * entry));
    const layout = plan({ entryCount, nameLengthBytes });
    expect(layout.centralDirectoryOffset).toBeLessThan(limit32);
    expect(layout.endOfCentralDirectoryOffset - layout.centralDirectoryOffset).toBe(directoryBytes);
    const end = endOf(layout);
    expect(end.zip64Record?.directoryBytes).toBe(zip64 ? directoryBytes : undefined);
    expect(end.record).toMatchObject({
      entries: entryCount,
      directoryBytes: Math.min(directoryBytes, limit32),
      directoryOffset: layout.centralDirectoryOffset,
    });
  });
});

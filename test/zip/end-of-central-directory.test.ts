import { describe, expect, test } from "vitest";
import {
  encodeEndOfCentralDirectory,
  lengthOfEndOfCentralDirectory,
} from "../../lambdas/zip/end-of-central-directory.ts";
import type { CentralDirectoryTotals } from "../../lambdas/zip/zip64.ts";
import { readEndOfCentralDirectory } from "./read-records.ts";

const small: CentralDirectoryTotals = {
  entryCount: 3,
  centralDirectoryBytes: 200,
  centralDirectoryOffset: 1000,
};

function endOf(totals: CentralDirectoryTotals) {
  const bytes = new Uint8Array(lengthOfEndOfCentralDirectory(totals));
  expect(encodeEndOfCentralDirectory(totals, bytes, 0)).toBe(bytes.length);
  return readEndOfCentralDirectory(bytes);
}

const smallRecord = {
  signature: 0x06054b50,
  thisDisk: 0,
  directoryDisk: 0,
  entriesOnThisDisk: 3,
  entries: 3,
  directoryBytes: 200,
  directoryOffset: 1000,
  commentLength: 0,
};

describe("the end of central directory", () => {
  test("is one record of 22 bytes for a small archive", () => {
    expect(endOf(small)).toEqual({ record: smallRecord, bytesAfter: 0 });
  });

  test.each<[string, Partial<CentralDirectoryTotals>]>([
    ["entries", { entryCount: 0xfffe }],
    ["directory size", { centralDirectoryBytes: 0xfffffffe }],
    ["directory offset", { centralDirectoryOffset: 0xfffffffe }],
  ])("has no zip64 records at limit - 1 of %s", (_, changes) => {
    const { record, ...zip64 } = endOf({ ...small, ...changes });
    expect(zip64).toEqual({ bytesAfter: 0 });
    expect(record).toMatchObject({ signature: 0x06054b50, commentLength: 0 });
  });

  test.each<[string, Partial<CentralDirectoryTotals>, Partial<typeof smallRecord>]>([
    ["entries at limit", { entryCount: 0xffff }, { entriesOnThisDisk: 0xffff, entries: 0xffff }],
    ["entries at limit + 1", { entryCount: 0x10000 }, { entriesOnThisDisk: 0xffff, entries: 0xffff }],
    ["directory size at limit", { centralDirectoryBytes: 0xffffffff }, { directoryBytes: 0xffffffff }],
    ["directory size at limit + 1", { centralDirectoryBytes: 0x100000000 }, { directoryBytes: 0xffffffff }],
    ["directory offset at limit", { centralDirectoryOffset: 0xffffffff }, { directoryOffset: 0xffffffff }],
    [
      "directory offset at limit + 1",
      { centralDirectoryOffset: 0x100000000 },
      { directoryOffset: 0xffffffff },
    ],
  ])("has zip64 records with %s, and a sentinel only there", (_, changes, sentinels) => {
    const totals = { ...small, ...changes };
    expect(endOf(totals)).toEqual({
      zip64Record: {
        signature: 0x06064b50,
        bytesThatFollow: 44,
        versionMadeBy: 0x032d,
        versionNeeded: 45,
        thisDisk: 0,
        directoryDisk: 0,
        entriesOnThisDisk: totals.entryCount,
        entries: totals.entryCount,
        directoryBytes: totals.centralDirectoryBytes,
        directoryOffset: totals.centralDirectoryOffset,
      },
      zip64Locator: {
        signature: 0x07064b50,
        recordDisk: 0,
        recordOffset: totals.centralDirectoryOffset + totals.centralDirectoryBytes,
        disks: 1,
      },
      record: { ...smallRecord, ...sentinels },
      bytesAfter: 0,
    });
  });
});

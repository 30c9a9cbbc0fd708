import { describe, expect, test } from "vitest";
import { encodeCentralDirectory, encodeSlice } from "../../lambdas/layout/encode-slice.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { fakeSource } from "./fake-source.ts";
import { emptyFolder, file, TestArchive } from "./test-archive.ts";

describe("headers of a layout", () => {
  test("ask for no CRC-32 of an entry without data", () => {
    const { layout } = new TestArchive([file("empty.txt", ""), emptyFolder("folder/")]);
    const crc32Of = (entry: number): number => {
      throw new Error(`Nobody knows the CRC-32 of entry ${entry}.`);
    };
    const everything = { start: 0, end: layout.lengthBytes };
    expect([...encodeCentralDirectory(layout, everything, crc32Of)].length).toBe(1);
  });

  test("cannot be made while a CRC-32 is not known", () => {
    const { layout } = new TestArchive([file("a", "content")]);
    const unknown = (): number => {
      throw new Error("not known yet");
    };
    const slice = { kind: "local-file-header", entry: 0, start: 0, end: 4 } as const;
    expect(() => encodeSlice(layout, slice, unknown)).toThrow("not known yet");
  });

  test("are the same bytes whenever they are made", () => {
    const archive = new TestArchive([file("a", "content"), emptyFolder("b/")]);
    expect(archive.bytes().equals(new TestArchive(archive.entries).bytes())).toBe(true);
  });
});

describe("a run of central directory headers", () => {
  test("comes in buffers of 64 KiB, the last one shorter", () => {
    const layout = planLayout(fakeSource({ entryCount: 3000, nameLengthBytes: () => 65 }));
    const range = { start: layout.centralDirectoryOffset + 7, end: layout.lengthBytes };
    const lengths = [...encodeCentralDirectory(layout, range, () => 0)].map((buffer) => buffer.length);
    expect(lengths.slice(0, -1).every((length) => length === 65_536)).toBe(true);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(3000 * 120 + 22 - 7);
  });

  test("may have names as long as its buffers", () => {
    const layout = planLayout(fakeSource({ entryCount: 3, nameLengthBytes: () => 0xffff }));
    const range = { start: layout.centralDirectoryOffset, end: layout.lengthBytes };
    const buffers = [...encodeCentralDirectory(layout, range, () => 0)];
    expect(Buffer.concat(buffers).length).toBe(range.end - range.start);
  });

  test("refuses to reach into file data", () => {
    const { layout } = new TestArchive([file("a", "content")]);
    const everything = { start: 0, end: layout.lengthBytes };
    expect(() => [...encodeCentralDirectory(layout, everything, () => 0)]).toThrow(RangeError);
  });
});

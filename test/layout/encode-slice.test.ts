import { describe, expect, test } from "vitest";
import { encodeSlice, isHeaderSlice } from "../../lambdas/layout/encode-slice.ts";
import { sliceLayout } from "../../lambdas/layout/slice-layout.ts";
import { emptyFolder, file, TestArchive } from "./test-archive.ts";

describe("headers of a layout", () => {
  test("ask for no CRC-32 of an entry without data", () => {
    const { layout } = new TestArchive([file("empty.txt", ""), emptyFolder("folder/")]);
    const crc32Of = (entry: number): number => {
      throw new Error(`Nobody knows the CRC-32 of entry ${entry}.`);
    };
    const everything = { start: 0, end: layout.lengthBytes };
    const headers = [...sliceLayout(layout, everything)].filter(isHeaderSlice);
    const bytes = Buffer.concat(headers.map((slice) => encodeSlice(layout, slice, crc32Of)));
    expect(bytes.length).toBe(layout.lengthBytes);
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

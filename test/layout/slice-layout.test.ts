import { describe, expect, test } from "vitest";
import { centralHeaderOffset, dataOffset, localHeaderOffset } from "../../lambdas/layout/layout.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { sliceLayout } from "../../lambdas/layout/slice-layout.ts";
import { fakeSource } from "./fake-source.ts";

// Entries of 100, 0 and 50 bytes; local headers of 44, central headers of 60 bytes.
const sizes = [100, 0, 50];
const layout = planLayout(fakeSource({ entryCount: 3, sizeBytes: (entry) => sizes[entry] ?? 0 }));
const slices = (start: number, end: number) => [...sliceLayout(layout, { start, end })];

describe("slices of a layout", () => {
  test("of the whole are all segments; the empty file has no data segment", () => {
    expect(slices(0, layout.lengthBytes)).toEqual([
      { kind: "local-file-header", entry: 0, start: 0, end: 44 },
      { kind: "file-data", entry: 0, start: 0, end: 100 },
      { kind: "local-file-header", entry: 1, start: 0, end: 44 },
      { kind: "local-file-header", entry: 2, start: 0, end: 44 },
      { kind: "file-data", entry: 2, start: 0, end: 50 },
      { kind: "central-directory-header", entry: 0, start: 0, end: 60 },
      { kind: "central-directory-header", entry: 1, start: 0, end: 60 },
      { kind: "central-directory-header", entry: 2, start: 0, end: 60 },
      { kind: "end-of-central-directory", start: 0, end: 22 },
    ]);
  });

  test.each([
    ["inside a header", 10, 20, [{ kind: "local-file-header", entry: 0, start: 10, end: 20 }]],
    ["inside data", 50, 60, [{ kind: "file-data", entry: 0, start: 6, end: 16 }]],
    ["one byte before a border", 43, 44, [{ kind: "local-file-header", entry: 0, start: 43, end: 44 }]],
    ["one byte behind a border", 44, 45, [{ kind: "file-data", entry: 0, start: 0, end: 1 }]],
    ["the header of the empty file", 144, 188, [{ kind: "local-file-header", entry: 1, start: 0, end: 44 }]],
    [
      "across the last data and the directory",
      281,
      284,
      [
        { kind: "file-data", entry: 2, start: 49, end: 50 },
        { kind: "central-directory-header", entry: 0, start: 0, end: 2 },
      ],
    ],
    [
      "across the directory and its end",
      461,
      464,
      [
        { kind: "central-directory-header", entry: 2, start: 59, end: 60 },
        { kind: "end-of-central-directory", start: 0, end: 2 },
      ],
    ],
    ["the last byte", 483, 484, [{ kind: "end-of-central-directory", start: 21, end: 22 }]],
    ["nothing, in the middle", 100, 100, []],
    ["nothing, at the end", 484, 484, []],
  ])("%s", (_, start, end, expected) => {
    expect(layout.lengthBytes).toBe(484);
    expect(slices(start, end)).toEqual(expected);
  });

  test.each([
    [-1, 10],
    [10, 9],
    [0, 485],
    [0.5, 2],
    [Number.NaN, 2],
    [0, Number.POSITIVE_INFINITY],
  ])("[%d, %d) is refused at once", (start, end) => {
    expect(() => sliceLayout(layout, { start, end })).toThrow(RangeError);
  });
});

test("offsets of an entry are told, and of no others", () => {
  expect([localHeaderOffset(layout, 2), dataOffset(layout, 2), centralHeaderOffset(layout, 2)]).toEqual([
    188, 232, 402,
  ]);
  for (const offsetOf of [localHeaderOffset, dataOffset, centralHeaderOffset]) {
    expect(() => offsetOf(layout, 3)).toThrow(RangeError);
    expect(() => offsetOf(layout, -1)).toThrow(RangeError);
  }
});

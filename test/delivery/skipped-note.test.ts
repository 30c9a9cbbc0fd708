import { expect, test } from "vitest";
import { writeSkippedNote } from "../../lambdas/delivery/skipped-note.ts";

const fate = "was changed";
const skipped = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => ({ name: `ü/${first + index}.txt`, fate }));
const linesOf = (note: Uint8Array) => Buffer.from(note).toString("utf8").split("\n");

test("a note has a heading, and a line for each file", () => {
  const lines = linesOf(writeSkippedNote(undefined, skipped(2), 2));
  expect(lines).toEqual([
    "These files could not be read when they were to be sent, and are not in this zip:",
    "",
    "ü/0.txt: was changed",
    "ü/1.txt: was changed",
    "",
  ]);
});

test("a note that takes the place of others is the one that would have been written of all at once", () => {
  for (const [one, other] of [
    [1, 1],
    [9_999, 1],
    [9_999, 2],
    [10_000, 1],
    [5_000, 12_000],
    [20_000, 7],
  ] as const) {
    const first = writeSkippedNote(undefined, skipped(one), one);
    const second = writeSkippedNote(first, skipped(other, one), one + other);
    const atOnce = writeSkippedNote(undefined, skipped(one + other), one + other);
    expect(Buffer.compare(second, atOnce)).toBe(0);
  }
});

test("beyond 10,000 files it says how many more", () => {
  expect(linesOf(writeSkippedNote(undefined, skipped(10_000), 10_000)).at(-2)).toBe(
    "ü/9999.txt: was changed",
  );
  const lines = linesOf(writeSkippedNote(undefined, skipped(10_001), 10_001));
  expect(lines.slice(-3)).toEqual(["ü/9999.txt: was changed", "and 1 more", ""]);
});

test("a file that is called like the last line is a file", () => {
  const first = writeSkippedNote(undefined, [{ name: "and 3 more", fate }], 1);
  expect(linesOf(writeSkippedNote(first, skipped(1), 2)).slice(2, -1)).toEqual([
    "and 3 more: was changed",
    "ü/0.txt: was changed",
  ]);
});

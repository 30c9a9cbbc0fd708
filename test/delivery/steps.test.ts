import fc from "fast-check";
import { expect, test } from "vitest";
import { type Step, stepsOf } from "../../lambdas/delivery/steps.ts";
import { encodeSlice } from "../../lambdas/layout/encode-slice.ts";
import { dataOffset } from "../../lambdas/layout/layout.ts";
import { emptyFolder, file, TestArchive, zeros } from "../layout/test-archive.ts";
import { someBytes } from "./archive-of.ts";

const whole = Number.POSITIVE_INFINITY;
const maxHeadersBytes = 64 * 1024;

/** The bytes that the steps say, and not what an archive of them would be. */
function bytesOf(archive: TestArchive, steps: readonly Step[]): Buffer {
  const made = steps.flatMap((step) =>
    step.kind === "read"
      ? [archive.entry(step.entry).data(step.start, step.end)]
      : step.slices.map((slice) => encodeSlice(archive.layout, slice, archive.crc32Of)),
  );
  return Buffer.concat(made);
}

const entries = fc
  .array(fc.oneof(fc.constant(0), fc.nat(50), fc.nat(5000)), { minLength: 1, maxLength: 8 })
  .map((sizes) => sizes.map((size, index) => file(`entry-${index}`, someBytes(size, index + 1))));
const pieces = fc.infiniteStream(fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.constant(whole)));
const share = fc.double({ min: 0, max: 1, noNaN: true });

test("any range is covered without a gap, whatever piece sizes follow each other", () => {
  fc.assert(
    fc.property(entries, pieces, share, share, (files, sizes, one, other) => {
      const archive = new TestArchive(files);
      const [start = 0, end = 0] = [one, other]
        .map((at) => Math.round(at * archive.layout.lengthBytes))
        .sort((left, right) => left - right);
      let asked = 0;
      const pieceBytes = () => {
        asked = sizes.next().value ?? whole;
        return asked;
      };
      const steps: Step[] = [];
      for (const step of stepsOf(archive.layout, { start, end }, pieceBytes)) {
        // As many as may be: only the end of what is asked for makes it fewer.
        if (step.kind === "read") expect(step.lengthBytes).toBe(Math.min(asked, restOf(archive, step, end)));
        steps.push(step);
      }
      expect(steps.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)).toBe(end - start);
      expect(steps.every(({ lengthBytes }) => lengthBytes > 0)).toBe(true);
      expect(bytesOf(archive, steps).equals(archive.bytes({ start, end }))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

/** Bytes from a read's start to the end of its entry's data, or of the range where that is sooner. */
function restOf(archive: TestArchive, { entry, start }: Step & { kind: "read" }, rangeEnd: number): number {
  const inRange = rangeEnd - dataOffset(archive.layout, entry);
  return Math.min(archive.entry(entry).sizeBytes, inRange) - start;
}

test("a body is whole where the range has all of its data, and not where a byte is missing", () => {
  const archive = new TestArchive([file("a", someBytes(1000))]);
  const start = dataOffset(archive.layout, 0);
  const wholeness = (from: number, to: number) =>
    [...stepsOf(archive.layout, { start: from, end: to }, () => 400)].flatMap((step) =>
      step.kind === "read" ? [step.isWholeBody] : [],
    );
  expect(wholeness(start, start + 1000)).toEqual([true, true, true]);
  expect(wholeness(0, archive.layout.lengthBytes)).toEqual([true, true, true]);
  expect(wholeness(start + 1, start + 1000)).toEqual([false, false, false]);
  expect(wholeness(start, start + 999)).toEqual([false, false, false]);
});

test("a body of which all is asked for at once is a single read, however large", () => {
  const archive = new TestArchive([zeros("a", 5 * 2 ** 40)]);
  const steps = [...stepsOf(archive.layout, { start: 0, end: archive.layout.lengthBytes }, () => whole)];
  expect(steps.map(({ kind }) => kind)).toEqual(["headers", "read", "headers"]);
});

test("the size of a piece is asked when the piece is made, and not before", () => {
  const archive = new TestArchive([file("a", someBytes(10)), file("b", someBytes(10))]);
  let asked = 0;
  const steps = stepsOf(archive.layout, { start: 0, end: archive.layout.lengthBytes }, () => {
    asked += 1;
    return 6;
  });
  const askedAfter = Array.from({ length: 6 }, () => {
    steps.next();
    return asked;
  });
  // A header; two pieces; a header; two pieces.
  expect(askedAfter).toEqual([0, 1, 2, 2, 3, 4]);
});

test("neighbouring headers are made together, as long as they are few bytes", () => {
  const archive = new TestArchive(
    Array.from({ length: 3000 }, (_, index) => emptyFolder(`folder-${index}/`)),
  );
  const steps = [...stepsOf(archive.layout, { start: 0, end: archive.layout.lengthBytes }, () => whole)];
  expect(steps.every(({ kind }) => kind === "headers")).toBe(true);
  expect(Math.max(...steps.map(({ lengthBytes }) => lengthBytes))).toBeLessThanOrEqual(maxHeadersBytes);
  expect(steps.length).toBeLessThanOrEqual(Math.ceil(archive.layout.lengthBytes / maxHeadersBytes) + 1);
});

test("a header longer than that is made alone", () => {
  const archive = new TestArchive([file("short", "1"), file("n".repeat(65_535), "2"), file("behind", "3")]);
  const steps = [...stepsOf(archive.layout, { start: 0, end: archive.layout.lengthBytes }, () => whole)];
  const long = steps.filter(({ lengthBytes }) => lengthBytes > maxHeadersBytes);
  expect(long).toHaveLength(2);
  expect(long.every((step) => step.kind === "headers" && step.slices.length === 1)).toBe(true);
});

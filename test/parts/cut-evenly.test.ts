import fc from "fast-check";
import { expect, test } from "vitest";
import { cutEvenly } from "../../lambdas/parts/cut-evenly.ts";

const cuts = fc.record({
  start: fc.integer({ min: 0, max: 2 ** 45 }),
  lengthBytes: fc.integer({ min: 1, max: 1000 }),
  mostBytes: fc.integer({ min: 1, max: 300 }),
});

test("pieces touch, are as few as may be, and none is more than a byte longer than another", () => {
  fc.assert(
    fc.property(cuts, ({ start, lengthBytes, mostBytes }) => {
      const pieces = cutEvenly({ start, end: start + lengthBytes }, mostBytes);
      const lengths = pieces.map((piece) => piece.end - piece.start);
      expect(pieces.map((piece) => piece.start)).toEqual([
        start,
        ...pieces.slice(0, -1).map(({ end }) => end),
      ]);
      expect(pieces.at(-1)?.end).toBe(start + lengthBytes);
      expect(pieces).toHaveLength(Math.ceil(lengthBytes / mostBytes));
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    }),
  );
});

test("nothing is cut into nothing", () => {
  expect(cutEvenly({ start: 5, end: 5 }, 10)).toEqual([]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { unionRanges } from "../../lambdas/delivery/union-ranges.ts";

const length = 60;
const point = fc.nat(length);
const anyRange = fc
  .tuple(point, point)
  .map(([one, other]) => ({ start: Math.min(one, other), end: Math.max(one, other) }));

test("a union has exactly the bytes that one of the ranges has, in ranges that do not touch", () => {
  fc.assert(
    fc.property(fc.array(anyRange, { maxLength: 12 }), (ranges) => {
      const union = unionRanges(ranges);
      const isIn =
        (byte: number) =>
        ({ start, end }: { start: number; end: number }) =>
          start <= byte && byte < end;
      for (let byte = 0; byte < length; byte += 1)
        expect(union.some(isIn(byte))).toBe(ranges.some(isIn(byte)));
      union.forEach(({ start, end }, index) => {
        expect(start).toBeLessThan(end);
        expect(start).toBeGreaterThan(union[index - 1]?.end ?? -1);
      });
    }),
  );
});

test("the ranges given stay as they are", () => {
  const ranges = [
    { start: 5, end: 9 },
    { start: 0, end: 6 },
  ];
  expect(unionRanges(ranges)).toEqual([{ start: 0, end: 9 }]);
  expect(ranges[0]).toEqual({ start: 5, end: 9 });
});

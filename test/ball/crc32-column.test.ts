import { describe, expect, test } from "vitest";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";

describe("a column of CRC-32s", () => {
  test.each([0, 1, 0x7fffffff, 0x80000000, 0xffffffff])("keeps %d as it is", (crc32) => {
    const column = new Crc32Column(2);
    column.set(1, crc32);
    expect([column.get(0), column.get(1)]).toEqual([undefined, crc32]);
  });

  test("counts what is known once, also when it is told again", () => {
    const column = new Crc32Column(3);
    column.set(0, 5);
    column.set(0, 5);
    column.set(2, 0);
    expect(column.knownCount).toBe(2);
  });

  test.each([-1, 3, Number.NaN])("has no entry %d of three", (entry) => {
    expect(() => new Crc32Column(3).set(entry, 1)).toThrow(RangeError);
    expect(new Crc32Column(3).get(entry)).toBeUndefined();
  });

  test("takes over what another knows, and forgets nothing", () => {
    const [one, other] = [new Crc32Column(3), new Crc32Column(3)];
    one.set(0, 1);
    other.set(2, 3);
    one.merge(other);
    expect([one.get(0), one.get(1), one.get(2), one.knownCount]).toEqual([1, undefined, 3, 2]);
  });
});

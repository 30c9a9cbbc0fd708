import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatContentRange,
  formatUnsatisfiedRange,
  parseRangeHeader,
} from "../../lambdas/http/range-header.ts";

const lengthBytes = 10_000;
const single = (start: number, end: number) => ({ kind: "single", range: { start, end } });
const whole = { kind: "whole" };
const unsatisfiable = { kind: "unsatisfiable" };
const absurd = "9".repeat(400);

describe("of 10,000 bytes", () => {
  test.each<[string, object]>([
    // The examples of RFC 9110, section 14.1.2.
    ["bytes=0-499", single(0, 500)],
    ["bytes=500-999", single(500, 1000)],
    ["bytes=-500", single(9500, 10_000)],
    ["bytes=9500-", single(9500, 10_000)],
    ["bytes=0-0,-1", whole],
    ["bytes= 0-999, 4500-5499, -1000", whole],
    // Single bytes, and all of them.
    ["bytes=0-0", single(0, 1)],
    ["bytes=-1", single(9999, 10_000)],
    ["bytes=9999-", single(9999, 10_000)],
    ["bytes=9999-9999", single(9999, 10_000)],
    ["bytes=0-", single(0, 10_000)],
    ["bytes=0-9999", single(0, 10_000)],
    // Ends behind the end.
    ["bytes=0-10000", single(0, 10_000)],
    ["bytes=9999-10000", single(9999, 10_000)],
    [`bytes=5-${absurd}`, single(5, 10_000)],
    ["bytes=-9999", single(1, 10_000)],
    ["bytes=-10000", single(0, 10_000)],
    ["bytes=-10001", single(0, 10_000)],
    [`bytes=-${absurd}`, single(0, 10_000)],
    // Starts behind the end.
    ["bytes=10000-", unsatisfiable],
    ["bytes=10000-10000", unsatisfiable],
    ["bytes=10000-20000", unsatisfiable],
    [`bytes=${absurd}-`, unsatisfiable],
    ["bytes=18446744073709551616-", unsatisfiable],
    ["bytes=-0", unsatisfiable],
    ["bytes=-000", unsatisfiable],
    // Leading zeros are digits.
    ["bytes=000-0009", single(0, 10)],
    // Malformed, so to be ignored.
    ["bytes=5-4", whole],
    ["bytes=20000-10000", whole],
    ["bytes=", whole],
    ["bytes=-", whole],
    ["bytes=--5", whole],
    ["bytes=5", whole],
    ["bytes=5--", whole],
    ["bytes=1-2-3", whole],
    ["bytes=a-b", whole],
    ["bytes=0x0-0x5", whole],
    ["bytes=1.0-2.0", whole],
    ["bytes=1e3-2e3", whole],
    ["bytes=+1-2", whole],
    ["bytes=0 -5", whole],
    ["bytes=0- 5", whole],
    ["bytes=\u0661-\u0662", whole],
    ["bytes:0-5", whole],
    ["bytes 0-5", whole],
    ["0-5", whole],
    ["", whole],
    // Another unit, or another writing of this one.
    ["items=0-5", whole],
    ["xbytes=0-5", whole],
    ["bytes =0-5", whole],
    ["Bytes=0-5", single(0, 6)],
    ["BYTES=0-5", single(0, 6)],
    // Whitespace and empty elements, as a list may have them (section 5.6.1).
    ["bytes= 0-5", single(0, 6)],
    ["bytes=0-5 ", single(0, 6)],
    ["bytes=\t0-5\t", single(0, 6)],
    ["bytes=,0-5", single(0, 6)],
    ["bytes=0-5,", single(0, 6)],
    ["bytes= , ,0-5, ,", single(0, 6)],
    ["bytes=,", whole],
    ["bytes=0-5,x", whole],
    ["bytes=0-5,20000-", whole],
  ])("%j is %o", (header, expected) => {
    expect(parseRangeHeader(header, lengthBytes)).toEqual(expected);
  });

  test("no header is the whole", () => {
    expect(parseRangeHeader(undefined, lengthBytes)).toEqual(whole);
  });
});

test("any range it gives is not empty and lies within", () => {
  const number = fc.oneof(fc.nat(30), fc.bigInt({ min: 0n, max: 10n ** 25n })).map(String);
  const part = fc.oneof(fc.constant(""), number);
  fc.assert(
    fc.property(part, part, fc.nat(20), (first, last, length) => {
      const request = parseRangeHeader(`bytes=${first}-${last}`, length);
      if (request.kind !== "single") return;
      expect(request.range.start).toBeGreaterThanOrEqual(0);
      expect(request.range.start).toBeLessThan(request.range.end);
      expect(request.range.end).toBeLessThanOrEqual(length);
    }),
  );
});

test("a range that was formatted is parsed as it was", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.integer({ min: 1, max: 1000 }), (start, length) => {
      const header = `bytes=${start}-${start + length - 1}`;
      expect(parseRangeHeader(header, 5000)).toEqual(single(start, start + length));
    }),
  );
});

test("a piece is described by its first and last byte and the whole length", () => {
  expect(formatContentRange({ start: 0, end: 1 }, lengthBytes)).toBe("bytes 0-0/10000");
  expect(formatContentRange({ start: 500, end: 10_000 }, lengthBytes)).toBe("bytes 500-9999/10000");
  expect(formatUnsatisfiedRange(lengthBytes)).toBe("bytes */10000");
});

test("lengths beyond 2^32 are exact", () => {
  const fiveTebibytes = 5 * 2 ** 40;
  expect(parseRangeHeader(`bytes=-1`, fiveTebibytes)).toEqual(single(fiveTebibytes - 1, fiveTebibytes));
  expect(parseRangeHeader(`bytes=${2 ** 42}-`, fiveTebibytes)).toEqual(single(2 ** 42, fiveTebibytes));
});

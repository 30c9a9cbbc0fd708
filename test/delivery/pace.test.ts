import fc from "fast-check";
import { expect, test } from "vitest";
import { readBufferBytes } from "../../lambdas/ball/source.ts";
import { paceFor, rampedUp } from "../../lambdas/delivery/pace.ts";

const whole = Number.POSITIVE_INFINITY;
const MiB = 1024 * 1024;
const most = { windowBytes: 16 * MiB, connections: 256 };

test.each([
  [undefined, 16, 32, readBufferBytes],
  [0, 4, 32, whole],
  [0.001, 4, 32, whole],
  [4.999, 4, 32, whole],
  [5, 16, 80, readBufferBytes],
  [5.001, 16, 81, readBufferBytes],
  [15.9, 16, 255, readBufferBytes],
  [16, 16, 256, readBufferBytes],
  [16.001, 16, 256, readBufferBytes],
  [60_000, 16, 256, readBufferBytes],
])(
  "a first byte within %s ms makes a window of %i MiB, %i connections, and reads of at most %i bytes",
  (firstByteMs, windowMiB, connections, pieceBytes) => {
    expect(paceFor(firstByteMs, most)).toEqual({ windowBytes: windowMiB * MiB, connections, pieceBytes });
  },
);

test("the longer a first byte takes, the more connections there are, from 32 to 256", () => {
  const milliseconds = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(milliseconds, milliseconds, (one, other) => {
      const nearer = paceFor(Math.min(one, other), most).connections;
      const farther = paceFor(Math.max(one, other), most).connections;
      expect(nearer).toBeLessThanOrEqual(farther);
      expect(Number.isSafeInteger(nearer)).toBe(true);
      expect(Math.min(nearer, 32)).toBe(32);
      expect(Math.max(farther, 256)).toBe(256);
    }),
  );
});

test.each([
  [1, 0, 1],
  [32, 0, 32],
  [32, 1000, 32],
  [33, 0, 32],
  [33, 1, 33],
  [64, 1, 36],
  [256, 0, 32],
  [256, 10, 72],
  [256, 55, 252],
  [256, 56, 256],
  [256, 1_000_000, 256],
])("of %i connections, %i answers on their way make %i", (connections, answers, rampedTo) => {
  expect(rampedUp(connections, answers)).toBe(rampedTo);
});

test.each([
  [undefined, 8],
  [1, 8],
  [5, 8],
  [60_000, 8],
])("a first byte within %s ms goes beyond no limit", (firstByteMs, connections) => {
  const pace = paceFor(firstByteMs, { windowBytes: 3 * MiB, connections });
  expect(pace).toMatchObject({ windowBytes: 3 * MiB, connections });
});

test("no read is cut shorter than what one can hold: a body that small gives its CRC-32 in one read", () => {
  fc.assert(
    fc.property(
      fc.option(fc.double({ min: 0, noNaN: true }), { nil: undefined }),
      fc.integer({ min: 1 }),
      (ms, connections) => {
        expect(paceFor(ms, { ...most, connections }).pieceBytes).toBeGreaterThanOrEqual(readBufferBytes);
      },
    ),
  );
});

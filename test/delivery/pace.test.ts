import fc from "fast-check";
import { expect, test } from "vitest";
import { readBufferBytes } from "../../lambdas/ball/source.ts";
import { paceFor } from "../../lambdas/delivery/pace.ts";

const whole = Number.POSITIVE_INFINITY;

test.each([
  [undefined, 32, readBufferBytes],
  [0, 32, whole],
  [0.001, 32, whole],
  [4.999, 32, whole],
  [5, 80, readBufferBytes],
  [5.001, 81, readBufferBytes],
  [15.9, 255, readBufferBytes],
  [16, 256, readBufferBytes],
  [16.001, 256, readBufferBytes],
  [60_000, 256, readBufferBytes],
])(
  "a first byte within %s ms makes %i connections, and reads of at most %i bytes",
  (firstByteMs, connections, pieceBytes) => {
    expect(paceFor(firstByteMs, 256)).toEqual({ connections, pieceBytes });
  },
);

test("the longer a first byte takes, the more connections there are, from 32 to 256", () => {
  const milliseconds = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(milliseconds, milliseconds, (one, other) => {
      const nearer = paceFor(Math.min(one, other), 256).connections;
      const farther = paceFor(Math.max(one, other), 256).connections;
      expect(nearer).toBeLessThanOrEqual(farther);
      expect(Number.isSafeInteger(nearer)).toBe(true);
      expect(Math.min(nearer, 32)).toBe(32);
      expect(Math.max(farther, 256)).toBe(256);
    }),
  );
});

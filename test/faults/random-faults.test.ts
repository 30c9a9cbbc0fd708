import fc from "fast-check";
import { test } from "vitest";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import type { ByteRange } from "../../lambdas/layout/byte-range.ts";
import type { ObjectGet } from "../support/faulty-proxy-messages.ts";
import { testS3 } from "../support/s3.ts";
import { expectWhole } from "./expectations.ts";
import { ballOfSizes, type Distance, downloadThroughProxy, impatient } from "./faulty-ball.ts";
import { randomFault, randomNumbers } from "./random-faults.ts";

const s3 = testS3();
const MiB = 1024 * 1024;

const sizes = fc.array(
  fc.oneof(
    fc.nat(10),
    fc.nat(5000),
    fc.integer({ min: 65_530, max: 65_540 }),
    fc.integer({ min: 2 * MiB - 2, max: 2 * MiB + 2 }),
    fc.nat(3 * MiB),
  ),
  { minLength: 1, maxLength: 8 },
);

const share = fc.double({ min: 0, max: 1, noNaN: true });
const input = fc.record({
  sizes,
  distance: fc.constantFrom<Distance>("near", "distant"),
  /** Whose CRC-32s the ball knows, or S3 tells, or which are read for them. */
  crc32s: fc.constantFrom("known", "told", "read"),
  part: fc.option(fc.tuple(share, share), { nil: [0, 1] as const }),
  faultCount: fc.nat(20),
  seed: fc.integer({ min: 1 }),
});

/** A part of an archive, of at least one byte, from one share of it to another. */
function rangeOf([one, other]: readonly [number, number], lengthBytes: number): ByteRange {
  const start = Math.floor(Math.min(one, other) * (lengthBytes - 1));
  return { start, end: Math.max(start + 1, Math.floor(Math.max(one, other) * lengthBytes)) };
}

test("any range of any ball comes right through up to 20 faults of any kind", async () => {
  const property = fc.asyncProperty(input, async ({ sizes, distance, crc32s, part, faultCount, seed }) => {
    const ball = await ballOfSizes(s3(), sizes, crc32s === "read" ? "SHA256" : "CRC32");
    const random = randomNumbers(seed);
    let left = faultCount;
    const choose = (get: ObjectGet) => {
      if (left === 0 || random() < 0.3) return undefined;
      left -= 1;
      return randomFault(random, get, ball);
    };
    const { outcome } = await downloadThroughProxy(s3(), choose, {
      ...{ ball, distance, range: rangeOf(part, ball.layout.lengthBytes) },
      crc32s: crc32s === "known" ? ball.crc32s : new Crc32Column(sizes.length),
      reader: { ...impatient, retry: { attempts: 50, firstPauseMs: 2, maxPauseMs: 20 } },
    });
    expectWhole(outcome);
  });
  await fc.assert(property, { numRuns: 40, endOnFailure: true });
}, 120_000);

import fc from "fast-check";
import { expect, test } from "vitest";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { ballOfSizes } from "../faults/faulty-ball.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";
import { AssemblyRun } from "./assembly-run.ts";
import { copyingPays, fewParts, MiB } from "./small-balls.ts";

const s3 = testS3();
const dynamodb = testDynamodb();

const mostBytes = 40 * MiB;

/** Sizes as they matter to a plan: nothing, small, about the length of a smallest part, and enough to be copied. */
const size = fc.oneof(
  fc.constantFrom(0, 1, 5 * MiB, 10 * MiB),
  fc.integer({ min: 1, max: 200_000 }),
  fc.integer({ min: 4 * MiB, max: 6 * MiB }),
  fc.integer({ min: 9 * MiB, max: 17 * MiB }),
);

const ball = fc.record({
  sizes: fc.array(size, { minLength: 1, maxLength: 12 }).map(upTo),
  planOptions: fc.constantFrom({}, copyingPays, fewParts),
  checksum: fc.constantFrom("CRC32", "SHA1"),
  isKnown: fc.func(fc.boolean()),
  workers: fc.integer({ min: 1, max: 4 }),
});

/** As many of them as together are not too much for a test. */
function upTo(sizes: readonly number[]): number[] {
  let left = mostBytes;
  return sizes.filter((sizeBytes) => {
    if (sizeBytes > left) return false;
    left -= sizeBytes;
    return true;
  });
}

test("of any sizes, whatever is known of CRC-32s and however many workers there are, the archive is what a stream of it would be", async () => {
  const assembled = fc.asyncProperty(ball, async ({ sizes, planOptions, checksum, isKnown, workers }) => {
    const source = await ballOfSizes(s3(), sizes, checksum);
    const crc32s = new Crc32Column(sizes.length);
    for (const entry of sizes.keys()) {
      const crc32 = source.crc32s.get(entry);
      if (crc32 !== undefined && isKnown(entry)) crc32s.set(entry, crc32);
    }
    const run = await AssemblyRun.of(s3(), dynamodb(), { ...source, crc32s }, { context: { planOptions } });
    while (run.messages.length > 0) {
      await Promise.all(run.messages.splice(0, workers).map((message) => run.step(message)));
    }
    expect(run.failures).toEqual([]);
    expect((await run.archive()).equals(source.reference.bytes())).toBe(true);
    expect(await run.left()).toEqual({ objects: [expect.stringMatching(/archive\.zip$/)], uploads: [] });
  });
  await fc.assert(assembled, { numRuns: 20 });
}, 120_000);

import { expect, test } from "vitest";
import { ballOfSizes } from "../faults/faulty-ball.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";
import { AssemblyRun } from "./assembly-run.ts";

const s3 = testS3();
const dynamodb = testDynamodb();
const MiB = 1024 * 1024;

const balls = [
  ["nothing but an empty object", [0]],
  ["one byte", [1]],
  ["small objects", [10, 0, 2000, 5 * MiB, 3]],
  ["one that is copied", [60 * MiB]],
  ["copied ones beside small ones", [7, 60 * MiB, 3 * MiB, 0, 70 * MiB + 1, 12]],
  ["moved ones, too long for one read", [11 * MiB, 12 * MiB, 3 * MiB, 30 * MiB, 1]],
] as const;

test.each(
  balls.flatMap(([name, sizes]) => (["CRC32", "SHA1"] as const).map((kept) => [name, kept, sizes] as const)),
)("of %s with %s the archive is what a stream of it would be", async (_name, checksum, sizes) => {
  const source = await ballOfSizes(s3(), sizes, checksum);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { knowsCrc32s: false });
  await run.untilDone();
  expect(run.failures).toEqual([]);
  const archive = await run.archive();
  expect(archive.equals(source.reference.bytes())).toBe(true);
  expect(await run.left()).toEqual({ objects: [expect.stringMatching(/archive\.zip$/)], uploads: [] });
});

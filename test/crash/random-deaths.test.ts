import { beforeAll, expect, test } from "vitest";
import { randomNumbers } from "../faults/random-faults.ts";
import { CrashRun } from "./crash-run.ts";
import { testCrashServers } from "./crash-servers.ts";
import { expectArchive, type SparseBall, sparseBall } from "./sparse-ball.ts";

const servers = testCrashServers();
const MiB = 1024 * 1024;
let source: SparseBall;

beforeAll(async () => {
  const large = Array.from({ length: 10 }, (_, index) => 1024 * MiB + index);
  const small = Array.from({ length: 30 }, (_, index) => index * 40_000);
  source = await sparseBall(servers().s3, [
    ...small,
    ...large.slice(5),
    0,
    12 * MiB,
    ...large.slice(0, 5),
    7,
  ]);
});

/** A message that five workers died at fails its assembly, and they may all die at the same. */
const mostDeaths = 4;

test.each([
  [1, 2],
  [2, 3],
  [3, 4],
])(
  "a ball of 10 GiB whose workers are killed at random times becomes the one archive (seed %i, %i workers)",
  async (seed, concurrency) => {
    const { proxy, s3, archivesBucket } = servers();
    const random = randomNumbers(seed);
    const run = await CrashRun.of(servers(), source, { plan: "copying pays", concurrency });
    let leftCount = mostDeaths;
    proxy.onAnswer = () => {
      if (leftCount === 0 || random() > 0.1) return;
      leftCount -= 1;
      run.workers.kill(random());
    };
    await run.untilDone();
    proxy.onAnswer = () => undefined;
    expect(run.deathCount).toBeGreaterThan(0);
    expect(run.failureCount).toBe(0);
    const left = await run.assembly.left();
    expect(left).toEqual({ objects: [expect.stringMatching(/archive\.zip$/)], uploads: [] });
    await expectArchive(s3.client, { Bucket: archivesBucket, Key: left.objects[0] ?? "" }, source);
    await run.remove();
  },
  240_000,
);

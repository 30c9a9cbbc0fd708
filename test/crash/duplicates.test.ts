import { expect, test } from "vitest";
import { ballOfSizes } from "../faults/faulty-ball.ts";
import { CrashRun } from "./crash-run.ts";
import { testCrashServers } from "./crash-servers.ts";

const servers = testCrashServers();
const MiB = 1024 * 1024;

test.each(["copying pays", "few parts"] as const)(
  "where %s, processes beside each other, each message given to two of them, make one archive",
  async (plan) => {
    const source = await ballOfSizes(servers().s3, [12 * MiB, 100, 3 * MiB, 17 * MiB, 0, 11 * MiB, 5]);
    const run = await CrashRun.of(servers(), source, { plan, concurrency: 4, isTwice: true });
    await run.untilDone();
    expect([run.deathCount, run.failureCount]).toEqual([0, 0]);
    expect((await run.assembly.archive()).equals(source.reference.bytes())).toBe(true);
    const left = await run.assembly.left();
    expect(left).toEqual({ objects: [expect.stringMatching(/archive\.zip$/)], uploads: [] });
    await run.remove();
  },
  60_000,
);

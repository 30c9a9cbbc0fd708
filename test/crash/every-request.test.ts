import { beforeAll, expect, test } from "vitest";
import { ballOfSizes, type FaultyBall } from "../faults/faulty-ball.ts";
import { CrashRun, type Traffic } from "./crash-run.ts";
import { testCrashServers } from "./crash-servers.ts";

const servers = testCrashServers();
const MiB = 1024 * 1024;
let source: FaultyBall;

beforeAll(async () => {
  source = await ballOfSizes(servers().s3, [11 * MiB, 100, 10.5 * MiB]);
});

/** When a worker is killed: S3 has done what was asked. */
const deaths = { "before it is answered": "onAnswer", "when it has been answered": "onAnswered" } as const;

interface Killing {
  readonly plan: "copying pays" | "few parts";
  readonly death: keyof typeof deaths;
  /** Of the requests to S3. */
  readonly nth: number;
}

/** Has the ball assembled by workers of which one is killed; answers what that took, and whether one was. */
async function assemble({ plan, death, nth }: Killing): Promise<{ traffic: Traffic; isKilled: boolean }> {
  const { proxy } = servers();
  const run = await CrashRun.of(servers(), source, { plan });
  proxy[deaths[death]] = (present) => {
    if (present === nth) run.workers.kill();
  };
  await run.untilDone();
  proxy[deaths[death]] = () => undefined;
  const at = `at request ${nth}`;
  expect(run.failureCount, at).toBe(0);
  expect((await run.assembly.archive()).equals(source.reference.bytes()), at).toBe(true);
  const left = await run.assembly.left();
  expect(left, at).toEqual({ objects: [expect.stringMatching(/archive\.zip$/)], uploads: [] });
  await run.remove();
  return { traffic: run.traffic, isKilled: run.deathCount > 0 };
}

/** A process for every request takes minutes: without this variable there is one for every fourth. */
const stride = process.env.EVERY_REQUEST === undefined ? 4 : 1;

test.each([
  ["copying pays", "before it is answered", 1],
  ["copying pays", "when it has been answered", 2],
  ["few parts", "before it is answered", 3],
  ["few parts", "when it has been answered", 4],
] as const)(
  "where %s, whichever request a worker is killed at %s, the next makes the one archive and little twice",
  async (plan, death, first) => {
    const never = await assemble({ plan, death, nth: 0 });
    const twice: Traffic[] = [];
    for (let nth = stride === 1 ? 1 : first; ; nth += stride) {
      const { traffic, isKilled } = await assemble({ plan, death, nth });
      if (!isKilled) break;
      twice.push({
        requests: traffic.requests - never.traffic.requests,
        movedBytes: traffic.movedBytes - never.traffic.movedBytes,
        copiedBytes: traffic.copiedBytes - never.traffic.copiedBytes,
      });
    }
    expect(twice.length).toBeGreaterThan(3);
    // What it had in hand: two uploaded parts at most, read and sent, and copies that were under way.
    const worst = (of: (traffic: Traffic) => number) => Math.max(...twice.map(of));
    expect(worst(({ requests }) => requests)).toBeLessThan(16);
    expect(worst(({ movedBytes }) => movedBytes)).toBeLessThan(2 * 2 * 6 * MiB);
    expect(worst(({ copiedBytes }) => copiedBytes)).toBeLessThan(2 * 6 * MiB);
  },
  600_000,
);

import { beforeAll, expect, test } from "vitest";
import { doWork } from "../../lambdas/assembly/do-work.ts";
import { ballOfSizes, type FaultyBall } from "../faults/faulty-ball.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";
import { AssemblyRun } from "./assembly-run.ts";
import { freezingWorker } from "./freezing-worker.ts";
import { passingTime } from "./passing-time.ts";
import { copyingPays, fewParts, MiB } from "./small-balls.ts";

const s3 = testS3();
const dynamodb = testDynamodb();
let source: FaultyBall;

beforeAll(async () => {
  source = await ballOfSizes(s3(), [11 * MiB, 100, 10.5 * MiB]);
});

const pass = passingTime();

/** Workers one after another, of which one freezes at the nth request until others have made the archive. */
async function freezeAndGoOn(run: AssemblyRun, nth: number): Promise<boolean> {
  let requestsLeft = nth;
  for (let message = run.messages.shift(); message !== undefined; message = run.messages.shift()) {
    const worker = freezingWorker(run.context, requestsLeft);
    message.receiveCount += 1;
    const invocation = {
      worker: "freezing",
      receiveCount: message.receiveCount,
      remainingMs: () => 900_000,
      holdMessage: async () => undefined,
    };
    const work = doWork(worker.context, message.work, invocation);
    const ended = await Promise.race([work, worker.frozen]);
    requestsLeft -= worker.requestCount();
    if (ended !== "frozen") continue;
    run.messages.push(message);
    pass(91);
    await run.untilDone(pass);
    worker.thaw();
    // What it fails with brings its message back, to which nothing is left to do.
    await work.catch(() => run.messages.push(message));
    await run.untilDone(pass);
    return true;
  }
  return false;
}

/** Every request takes its time: without this variable a worker is frozen at some. */
const isEvery = process.env.EVERY_REQUEST !== undefined;

test.each([
  ["one level", "stored", copyingPays, 3],
  ["two levels", "stored", fewParts, 7],
  ["no parts planned ahead", "deflate", {}, 5],
] as const)(
  "in a plan of %s (%s), at whichever request a worker is frozen until others are done, their archive stays and nothing is left over",
  async (_level, compression, planOptions, stride) => {
    let nth = 1;
    for (let isTried = true; isTried; nth += isEvery ? 1 : stride) {
      const options = { knowsCrc32s: false, context: { planOptions }, ball: { compression } };
      const run = await AssemblyRun.of(s3(), dynamodb(), source, options);
      isTried = await freezeAndGoOn(run, nth);
      const left = await run.left();
      expect(left, `at request ${nth}`).toEqual({
        objects: [expect.stringMatching(/archive\.zip$/)],
        uploads: [],
      });
      const archive = await run.archive();
      if (compression === "stored")
        expect(archive.equals(source.reference.bytes()), `at request ${nth}`).toBe(true);
    }
    expect(nth, "of requests at which one was frozen").toBeGreaterThan(2 * stride);
  },
  240_000,
);

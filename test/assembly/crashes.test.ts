import { beforeAll, describe, expect, test } from "vitest";
import { doWork } from "../../lambdas/assembly/do-work.ts";
import { ballOfSizes, type FaultyBall } from "../faults/faulty-ball.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";
import { AssemblyRun } from "./assembly-run.ts";
import { type Death, dyingWorker } from "./dying-worker.ts";
import { passingTime } from "./passing-time.ts";
import { copyingPays, fewParts, MiB } from "./small-balls.ts";

const s3 = testS3();
const dynamodb = testDynamodb();
let source: FaultyBall;

beforeAll(async () => {
  source = await ballOfSizes(s3(), [11 * MiB, 100, 10.5 * MiB]);
});

const pass = passingTime();

/** One worker after another, of which each dies at its nth request; the one after it goes on until nothing is left. */
async function dieAndGoOn(run: AssemblyRun, nth: number, death: Death): Promise<boolean> {
  let requestsLeft = nth;
  for (let message = run.messages.shift(); message !== undefined; message = run.messages.shift()) {
    const worker = dyingWorker(run.context, requestsLeft, death);
    message.receiveCount += 1;
    const invocation = {
      worker: "dying",
      receiveCount: message.receiveCount,
      remainingMs: () => 900_000,
      holdMessage: async () => undefined,
    };
    const ended = await Promise.race([doWork(worker.context, message.work, invocation), worker.died]);
    requestsLeft -= worker.requestCount();
    if (ended !== "died") continue;
    // Nobody deleted it: it comes again when SQS takes it for lost, and then the lease is over.
    run.messages.push(message);
    pass(91);
    await run.untilDone(pass);
    return true;
  }
  return false;
}

/** Every request takes its time: without this variable a worker dies at some. Processes are killed in test/crash. */
const isEvery = process.env.EVERY_REQUEST !== undefined;

describe.each([
  ["one level", copyingPays],
  ["two levels", fewParts],
] as const)("in a plan of %s", (level, planOptions) => {
  test.each([
    ["before it is answered", level === "one level" ? 4 : 7],
    ["before it is sent", level === "one level" ? 7 : 11],
  ] as const)(
    "whichever request a worker dies at %s, the next makes the one archive and nothing is left over",
    async (death, stride) => {
      let nth = 1;
      for (let isTried = true; isTried; nth += isEvery ? 1 : stride) {
        const run = await AssemblyRun.of(s3(), dynamodb(), source, {
          knowsCrc32s: false,
          context: { planOptions },
        });
        isTried = await dieAndGoOn(run, nth, death);
        expect(run.failures, `at request ${nth}`).toEqual([]);
        expect((await run.archive()).equals(source.reference.bytes()), `at request ${nth}`).toBe(true);
        expect(await run.left()).toEqual({ objects: [expect.stringMatching(/archive\.zip$/)], uploads: [] });
      }
      expect(nth, "of requests at which one died").toBeGreaterThan(2 * stride);
    },
    240_000,
  );
});

import { beforeAll, describe, expect, test } from "vitest";
import { planParts } from "../../lambdas/parts/plan-parts.ts";
import { ballOfSizes, type FaultyBall } from "../faults/faulty-ball.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";
import { AssemblyRun } from "./assembly-run.ts";
import { copyingPays, fewParts, MiB } from "./small-balls.ts";

const s3 = testS3();
const dynamodb = testDynamodb();
let source: FaultyBall;

beforeAll(async () => {
  source = await ballOfSizes(s3(), [12 * MiB, 100, 3 * MiB, 17 * MiB, 0, 11 * MiB, 5]);
});

const plans = { "one level": copyingPays, "two levels": fewParts };

describe.each(Object.entries(plans))("in a plan of %s", (level, planOptions) => {
  const runOf = (knowsCrc32s: boolean) =>
    AssemblyRun.of(s3(), dynamodb(), source, { knowsCrc32s, context: { planOptions } });
  const expectWhole = async (run: AssemblyRun) => {
    expect((await run.archive()).equals(source.reference.bytes())).toBe(true);
    expect(await run.left()).toEqual({ objects: [expect.stringMatching(/archive\.zip$/)], uploads: [] });
  };

  test("the plan is what the test is about", () => {
    const plan = planParts(source.layout, planOptions);
    expect(plan.isTwoLevel).toBe(level === "two levels");
    expect(
      plan.groups.flatMap(({ parts }) => parts).filter(({ kind }) => kind === "copied").length,
    ).toBeGreaterThan(2);
  });

  test.each([true, false])("one worker makes the archive (CRC-32s known: %s)", async (knowsCrc32s) => {
    const run = await runOf(knowsCrc32s);
    await run.untilDone();
    expect(run.failures).toEqual([]);
    await expectWhole(run);
  });

  test("workers beside each other, each with its message twice, make one archive", async () => {
    const run = await runOf(false);
    for (let rounds = 0; run.messages.length > 0 && rounds < 50; rounds += 1) {
      const messages = run.messages.splice(0).filter(({ delaySeconds }) => delaySeconds === 0);
      await Promise.all(messages.flatMap((message) => [run.step(message), run.step({ ...message })]));
    }
    expect(run.failures).toEqual([]);
    await expectWhole(run);
  });

  test("workers with time for one part each make the archive together", async () => {
    const run = await runOf(false);
    let asked = 0;
    // What is asked first tells how much there is; half of that is over after a few questions.
    run.remainingMs = () => {
      asked += 1;
      return asked % 4 === 0 ? 100 : 1000;
    };
    await run.untilDone();
    expect(run.failures).toEqual([]);
    expect(run.outcomes).toContain("handed-on");
    await expectWhole(run);
  });
});

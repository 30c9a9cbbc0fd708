import fc from "fast-check";
import { expect, test } from "vitest";
import type { AssemblyStore } from "../../lambdas/ball/assembly.ts";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { createAssemblyStore } from "../../lambdas/storage/dynamodb/assembly-store.ts";
import { ballsTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { ballOf, freeze, realisticEntries } from "../support/manifests.ts";
import { MemoryAssemblies } from "../support/memory-assemblies.ts";

const dynamodb = testDynamodb();
const manifest = freeze(realisticEntries(1));

type Step = (store: AssemblyStore, ball: Ball) => Promise<unknown>;

const attempt = fc.integer({ min: 1, max: 3 });
const group = fc.integer({ min: 0, max: 1 });
const worker = fc.constantFrom("one", "other");
const time = fc.integer({ min: 0, max: 5 });
const progress = fc.record({
  isDone: fc.boolean(),
  doneBytes: time,
  doneFileCount: time,
  uploadId: fc.constantFrom(undefined, "a", "b"),
});

const begin = attempt.map(
  (number): Step =>
    async (store, ball) => {
      const begun = { attempt: number, uploadId: "u", groupCount: 2, begunAtEpochSeconds: number };
      return await store.begin(ball, begun);
    },
);
const complete = attempt.map(
  (number): Step =>
    async (store, ball) => {
      const archive = { key: "k", etag: `"${number}"`, lengthBytes: 1, lastModifiedEpochSeconds: 1 };
      return await store.complete(ball, number, archive);
    },
);
const fail = fc.tuple(attempt, group).map(
  ([number, failed]): Step =>
    async (store, ball) => {
      return await store.fail(ball, number, `at ${failed}`, `message ${failed}`);
    },
);
const handOut = time.map(
  (at): Step =>
    async (store, ball) =>
      await store.handOut(ball, at),
);
const lease = fc.tuple(attempt, group, worker, time, time).map(
  ([number, one, who, nowEpochMs, untilEpochMs]): Step =>
    async (store, ball) => {
      return await store.lease({ ball, attempt: number, group: one }, who, { nowEpochMs, untilEpochMs });
    },
);
const renew = fc.tuple(attempt, group, worker, progress, time).map(
  ([number, one, who, come, untilEpochMs]): Step =>
    async (store, ball) => {
      return await store.renew({ ball, attempt: number, group: one }, who, come, untilEpochMs);
    },
);
const groups = attempt.map(
  (number): Step =>
    async (store, ball) =>
      await store.groups(ball, number),
);

const steps = fc.array(fc.oneof(begin, complete, fail, handOut, lease, lease, renew, renew, groups), {
  maxLength: 25,
});

test("whatever is asked in turn, both kinds of store answer the same", async () => {
  const dynamo = createAssemblyStore(dynamodb().newClient(), ballsTable);
  await fc.assert(
    fc.asyncProperty(steps, async (asked) => {
      const memory = new MemoryAssemblies();
      const ball = ballOf(manifest);
      for (const step of asked) {
        expect(await outcome(step(dynamo, ball))).toStrictEqual(await outcome(step(memory, ball)));
      }
      expect(await dynamo.find(ball)).toStrictEqual(await memory.find(ball));
    }),
    { numRuns: 25 },
  );
});

async function outcome(answering: Promise<unknown>): Promise<unknown> {
  return await answering.catch((error: unknown) => String(error));
}

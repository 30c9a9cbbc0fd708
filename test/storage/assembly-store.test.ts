import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import type { AssemblyStore } from "../../lambdas/ball/assembly.ts";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { createAssemblyStore } from "../../lambdas/storage/dynamodb/assembly-store.ts";
import { removableAt } from "../../lambdas/storage/dynamodb/ball-items.ts";
import { ballsTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { ballOf, freeze, realisticEntries } from "../support/manifests.ts";
import { MemoryAssemblies } from "../support/memory-assemblies.ts";

const dynamodb = testDynamodb();
const newDynamoDbStore = () => createAssemblyStore(dynamodb().newClient(), ballsTable);

const manifest = freeze(realisticEntries(2));
const aBall = (): Ball => ballOf(manifest);
const begun = (attempt: number) => ({
  attempt,
  uploadId: `upload ${attempt}`,
  groupCount: 3,
  begunAtEpochSeconds: 1_750_000_000 + attempt,
});
const archive = {
  key: "b/e/1/archive.zip",
  etag: '"s3-2"',
  lengthBytes: 5 * 1024 ** 4,
  lastModifiedEpochSeconds: 9,
};
const close = "the message that asked to close";
const neverEnded = { failure: undefined, failedBy: undefined, archive: undefined };
const untouched = { isDone: false, doneBytes: 0, doneFileCount: 0, uploadId: undefined };
const halfWay = { isDone: false, doneBytes: 6e12, doneFileCount: 40, uploadId: "of the group" };

describe.each([
  ["DynamoDB", newDynamoDbStore],
  ["memory", () => new MemoryAssemblies()],
])("assemblies in %s", (_where, newStore) => {
  async function begunStore(): Promise<{ store: AssemblyStore; ball: Ball }> {
    const store = newStore();
    const ball = aBall();
    await store.begin(ball, begun(1));
    return { store, ball };
  }

  test("there is none before one is begun", async () => {
    expect(await newStore().find(aBall())).toBeUndefined();
  });

  test("one that is begun comes back as it was", async () => {
    const { store, ball } = await begunStore();
    const expected = {
      ...begun(1),
      ...neverEnded,
      partsDigest: undefined,
      planEtag: ball.etag,
      state: "assembling",
      handedOutAtEpochSeconds: undefined,
    };
    expect(await store.find(ball)).toStrictEqual(expected);
  });

  test("of many that begin the same attempt all are answered the one that is kept", async () => {
    const store = newStore();
    const ball = aBall();
    const uploadIds = Array.from({ length: 10 }, (_, worker) => `upload of ${worker}`);
    const answers = await Promise.all(
      uploadIds.map((uploadId) => store.begin(ball, { ...begun(1), uploadId })),
    );
    const kept = await store.find(ball);
    expect(uploadIds).toContain(kept?.uploadId);
    for (const answer of answers) expect(answer).toEqual(kept);
  });

  test("an attempt is begun behind one that failed, and forgets its failure", async () => {
    const { store, ball } = await begunStore();
    await store.fail(ball, 1, "no room", close);
    const second = await store.begin(ball, begun(2));
    expect(second).toMatchObject({ ...begun(2), ...neverEnded, state: "assembling" });
    expect(await store.find(ball)).toEqual(second);
  });

  test.each([
    ["under way", 2, async () => undefined],
    ["complete", 2, async (store: AssemblyStore, ball: Ball) => store.complete(ball, 1, archive)],
    [
      "failed, when it is the same",
      1,
      async (store: AssemblyStore, ball: Ball) => store.fail(ball, 1, "?", close),
    ],
  ])("none is begun in place of one that is %s", async (_state, attempt, end) => {
    const { store, ball } = await begunStore();
    await end(store, ball);
    const before = await store.find(ball);
    expect(await store.begin(ball, { ...begun(attempt), uploadId: "another" })).toEqual(before);
    expect(await store.find(ball)).toEqual(before);
  });

  test("none is begun in place of a later one, though that failed", async () => {
    const { store, ball } = await begunStore();
    await store.fail(ball, 1, "once", close);
    await store.begin(ball, begun(2));
    await store.fail(ball, 2, "twice", close);
    expect(await store.begin(ball, begun(1))).toMatchObject({ attempt: 2, failure: "twice" });
  });

  test("a complete one has its archive, of any length", async () => {
    const { store, ball } = await begunStore();
    const complete = await store.complete(ball, 1, archive);
    expect(complete).toMatchObject({ ...begun(1), state: "complete", archive, failure: undefined });
    expect(await store.find(ball)).toEqual(complete);
  });

  test("a failed one tells why, and at which work", async () => {
    const { store, ball } = await begunStore();
    const failed = await store.fail(ball, 1, "a.jpg is gone", "the message");
    const failure = { failure: "a.jpg is gone", failedBy: "the message" };
    expect(failed).toMatchObject({ ...begun(1), state: "failed", ...failure, archive: undefined });
    expect(await store.find(ball)).toEqual(failed);
  });

  test("of those that complete it and fail it at once one has its way, and all are answered that", async () => {
    const { store, ball } = await begunStore();
    const answers = await Promise.all([
      store.fail(ball, 1, "late", close),
      store.complete(ball, 1, archive),
      store.complete(ball, 1, { ...archive, etag: '"other"' }),
      store.fail(ball, 1, "later", close),
    ]);
    const kept = await store.find(ball);
    expect(kept?.state).not.toBe("assembling");
    for (const answer of answers) expect(answer).toEqual(kept);
  });

  test.each([0, 1, 3])("what attempt %i comes to does not touch the second", async (attempt) => {
    const { store, ball } = await begunStore();
    await store.fail(ball, 1, "once", close);
    const second = await store.begin(ball, begun(2));
    expect(await store.complete(ball, attempt, archive)).toEqual(second);
    expect(await store.fail(ball, attempt, "again", close)).toEqual(second);
  });

  test("what is not there can not come to anything", async () => {
    const store = newStore();
    const gone = { code: "ball-not-found" };
    await expect(store.complete(aBall(), 1, archive)).rejects.toMatchObject(gone);
    await expect(store.fail(aBall(), 1, "?", close)).rejects.toMatchObject(gone);
    expect(await store.find(aBall())).toBeUndefined();
  });

  test("the first link that was handed out is the one that is kept", async () => {
    const { store, ball } = await begunStore();
    await store.complete(ball, 1, archive);
    await store.handOut(ball, 1000);
    await store.handOut(ball, 2000);
    expect(await store.find(ball)).toMatchObject({
      state: "complete",
      archive,
      handedOutAtEpochSeconds: 1000,
    });
  });

  test("of an archive that is not complete no link was handed out", async () => {
    const { store, ball } = await begunStore();
    await store.handOut(ball, 1000);
    await store.handOut(aBall(), 1000);
    expect((await store.find(ball))?.handedOutAtEpochSeconds).toBeUndefined();
    await store.fail(ball, 1, "?", close);
    await store.handOut(ball, 1000);
    expect((await store.find(ball))?.handedOutAtEpochSeconds).toBeUndefined();
  });

  test("another plan of the ball has an assembly of its own", async () => {
    const { store, ball } = await begunStore();
    const replanned: Ball = { ...ball, planNumber: 1, etag: '"another"' };
    expect(await store.find(replanned)).toBeUndefined();
    await store.begin(replanned, begun(1));
    await store.lease({ ball: replanned, attempt: 1, group: 0 }, "one", { nowEpochMs: 0, untilEpochMs: 9 });
    await store.complete(replanned, 1, archive);
    expect(await store.find(ball)).toMatchObject({ state: "assembling" });
    expect(await store.groups(ball, 1)).toEqual([]);
  });

  test("of many who want a group one has it", async () => {
    const store = newStore();
    const name = { ball: aBall(), attempt: 1, group: 0 };
    const workers = Array.from({ length: 10 }, (_, worker) => `worker ${worker}`);
    const times = { nowEpochMs: 1000, untilEpochMs: 61_000 };
    const answers = await Promise.all(workers.map((worker) => store.lease(name, worker, times)));
    expect(answers.filter((answer) => answer === "taken")).toHaveLength(9);
    expect(answers).toContainEqual({ group: 0, ...untouched });
    const renewed = await Promise.all(workers.map((worker) => store.renew(name, worker, halfWay, 99_000)));
    expect(renewed.filter((isHis) => isHis)).toHaveLength(1);
    expect(renewed.findIndex((isHis) => isHis)).toBe(answers.findIndex((answer) => answer !== "taken"));
  });

  test.each([
    [1000, "taken"],
    [60_999, "taken"],
    [61_000, { group: 4, ...halfWay }],
    [61_001, { group: 4, ...halfWay }],
  ])("at %i ms a group that is leased until 61,000 is %j for another", async (nowEpochMs, expected) => {
    const store = newStore();
    const name = { ball: aBall(), attempt: 1, group: 4 };
    await store.lease(name, "one", { nowEpochMs: 1000, untilEpochMs: 2000 });
    expect(await store.renew(name, "one", halfWay, 61_000)).toBe(true);
    expect(await store.lease(name, "other", { nowEpochMs, untilEpochMs: 99_000 })).toEqual(expected);
  });

  test("who has a group may lease it again, and finds what was done", async () => {
    const store = newStore();
    const name = { ball: aBall(), attempt: 1, group: 0 };
    await store.lease(name, "one", { nowEpochMs: 1000, untilEpochMs: 61_000 });
    await store.renew(name, "one", halfWay, 61_000);
    const again = await store.lease(name, "one", { nowEpochMs: 1000, untilEpochMs: 62_000 });
    expect(again).toEqual({ group: 0, ...halfWay });
    expect(await store.lease(name, "other", { nowEpochMs: 61_500, untilEpochMs: 99_000 })).toBe("taken");
  });

  test("a worker whose lease was over has it still, unless another took it", async () => {
    const store = newStore();
    const name = { ball: aBall(), attempt: 1, group: 0 };
    await store.lease(name, "late", { nowEpochMs: 1000, untilEpochMs: 2000 });
    expect(await store.renew(name, "late", halfWay, 3000)).toBe(true);
    await store.lease(name, "other", { nowEpochMs: 3000, untilEpochMs: 9000 });
    const more = { ...halfWay, doneBytes: 7e12 };
    expect(await store.renew(name, "late", more, 99_000)).toBe(false);
    expect(await store.groups(name.ball, 1)).toEqual([{ group: 0, ...halfWay }]);
    expect(await store.renew(name, "other", more, 10_000)).toBe(true);
  });

  test("a group that was given back is another's at once", async () => {
    const store = newStore();
    const name = { ball: aBall(), attempt: 1, group: 0 };
    await store.lease(name, "one", { nowEpochMs: 1000, untilEpochMs: 61_000 });
    expect(await store.renew(name, "one", halfWay, 0)).toBe(true);
    const leased = await store.lease(name, "other", { nowEpochMs: 1001, untilEpochMs: 61_001 });
    expect(leased).toEqual({ group: 0, ...halfWay });
  });

  test("a group that is done stays so, and an answer that was lost can be asked for again", async () => {
    const store = newStore();
    const name = { ball: aBall(), attempt: 1, group: 0 };
    const done = { isDone: true, doneBytes: 100, doneFileCount: 3, uploadId: undefined };
    await store.lease(name, "one", { nowEpochMs: 1000, untilEpochMs: 61_000 });
    await store.renew(name, "one", halfWay, 61_000);
    expect(await store.renew(name, "one", done, 0)).toBe(true);
    expect(await store.renew(name, "one", done, 0)).toBe(true);
    for (const worker of ["one", "other"]) {
      expect(await store.lease(name, worker, { nowEpochMs: 99_000, untilEpochMs: 99_999 })).toBe("done");
    }
    expect(await store.groups(name.ball, 1)).toStrictEqual([{ group: 0, ...done }]);
  });

  test("what nobody leased nobody can keep anything of", async () => {
    const store = newStore();
    const name = { ball: aBall(), attempt: 1, group: 0 };
    expect(await store.renew(name, "one", halfWay, 9000)).toBe(false);
    expect(await store.groups(name.ball, 1)).toEqual([]);
  });

  test("groups come in their order, of the attempt that is asked for", async () => {
    const store = newStore();
    const ball = aBall();
    const times = { nowEpochMs: 0, untilEpochMs: 1 };
    const numbers = [10_000, 9, 0, 100, 10, 1];
    for (const group of numbers) await store.lease({ ball, attempt: 1, group }, "one", times);
    for (const attempt of [2, 10, 11]) await store.lease({ ball, attempt, group: 5 }, "one", times);
    const found = await store.groups(ball, 1);
    expect(found.map(({ group }) => group)).toEqual([0, 1, 9, 10, 100, 10_000]);
    expect(await store.groups(ball, 10)).toEqual([{ group: 5, ...untouched }]);
    expect(await store.groups(ball, 3)).toEqual([]);
  });
});

describe("the items of an assembly", () => {
  const itemsOf = async ({ ballId }: Ball) =>
    (await dynamodb().scan(ballsTable)).filter((item) => item.ballId === ballId);

  test("are named by plan, attempt and group, and go with the ball's time", async () => {
    const store = newDynamoDbStore();
    const ball = aBall();
    await store.begin(ball, begun(1));
    await store.lease({ ball, attempt: 1, group: 12 }, "one", { nowEpochMs: 0, untilEpochMs: 1 });
    await store.renew({ ball, attempt: 1, group: 12 }, "one", halfWay, 2);
    await store.complete(ball, 1, archive);
    const items = await itemsOf(ball);
    const etag = ball.etag.replaceAll('"', "");
    expect(items.map(({ item }) => item).sort()).toEqual([`assembly#${etag}`, `group#${etag}#00001#00012`]);
    for (const item of items) expect(item.expiresAtEpochSeconds).toBe(removableAt(ball));
  });

  test("that are not what was written are told, not believed", async () => {
    const ball = aBall();
    const etag = ball.etag.replaceAll('"', "");
    for (const item of [`assembly#${etag}`, `group#${etag}#00001#00000`]) {
      await dynamodb()
        .newClient()
        .send(new PutCommand({ TableName: ballsTable, Item: { ballId: ball.ballId, item, attempt: "1" } }));
    }
    const corrupt = { code: "ball-corrupt" };
    await expect(newDynamoDbStore().find(ball)).rejects.toMatchObject(corrupt);
    await expect(newDynamoDbStore().groups(ball, 1)).rejects.toMatchObject(corrupt);
  });
});

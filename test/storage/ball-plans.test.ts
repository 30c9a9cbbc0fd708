import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import type { Ball, Plan, SentRange } from "../../lambdas/ball/ball.ts";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { encodeManifest } from "../../lambdas/ball/encode-manifest.ts";
import type { Manifest } from "../../lambdas/ball/manifest.ts";
import { createBallStore } from "../../lambdas/storage/dynamodb/ball-store.ts";
import { ballsTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { allCrc32s, ballOf, freeze, realisticEntries } from "../support/manifests.ts";

const dynamodb = testDynamodb();
const newStore = () => createBallStore(dynamodb().newClient(), ballsTable);

const small = freeze(realisticEntries(10));

const itemsOf = async ({ ballId }: Ball) =>
  (await dynamodb().scan(ballsTable)).filter((item) => item.ballId === ballId);

const columnOf = (crc32s: Crc32Column) =>
  Array.from({ length: crc32s.entryCount }, (_, entry) => crc32s.get(entry));

async function stored(manifest: Manifest, crc32s: Crc32Column): Promise<Ball> {
  const ball = ballOf(manifest);
  await newStore().put(ball, manifest, crc32s);
  return ball;
}

describe("the start of a download", () => {
  const started = async (more: Partial<Ball>, at: number) => {
    const ball = { ...ballOf(small), ...more };
    await newStore().put(ball, small, allCrc32s(10));
    return { ball, answered: await newStore().start(ball, at) };
  };

  test("is kept once, whoever tells it next", async () => {
    const { ball, answered } = await started({}, 1_750_000_100);
    expect(answered).toEqual({ ...ball, startedAtEpochSeconds: 1_750_000_100 });
    expect(await newStore().start(ball, 1_750_000_200)).toEqual(answered);
    expect(await newStore().get(ball.ballId)).toEqual(answered);
  });

  test("puts the end of the link off where that is wanted, and no item goes before it", async () => {
    const { ball, answered } = await started({ lifetimeFromStartSeconds: 90 * 86_400 }, 1_750_000_100);
    expect(answered.expiresAtEpochSeconds).toBe(1_750_000_100 + 90 * 86_400);
    for (const { expiresAtEpochSeconds } of await itemsOf(ball))
      expect(expiresAtEpochSeconds).toBeGreaterThan(answered.expiresAtEpochSeconds);
  });

  test("of a ball that is gone makes none", async () => {
    const ball = ballOf(small);
    await expect(newStore().start(ball, 1)).rejects.toMatchObject({ code: "ball-not-found" });
    expect(await itemsOf(ball)).toEqual([]);
  });
});

describe("another plan", () => {
  const planned = (ball: Ball, count: number) => {
    const manifest = freeze(realisticEntries(count));
    const { etag, entryCount, fileCount } = ballOf(manifest);
    const plan: Plan = {
      ...{ etag, entryCount, fileCount, planNumber: ball.planNumber + 1, lengthBytes: 7 * count },
      ...{ plannedAtEpochSeconds: 1_750_000_300, skippedFileCount: 1, skippedFolderCount: 2 },
    };
    return { plan, manifest, crc32s: allCrc32s(count) };
  };

  test("takes the place of the ball's, and nothing else of the ball changes", async () => {
    const ball = await stored(small, allCrc32s(10));
    await newStore().start(ball, 1_750_000_100);
    const { plan, manifest, crc32s } = planned(ball, 9);
    const answered = await newStore().replan(ball, plan, manifest, crc32s);
    expect(answered).toEqual({ ...ball, ...plan, startedAtEpochSeconds: 1_750_000_100 });
    expect(await newStore().get(ball.ballId)).toEqual(answered);
    expect(encodeManifest(await newStore().getManifest(answered))).toEqual(encodeManifest(manifest));
    expect(columnOf(await newStore().getCrc32s(answered))).toEqual(columnOf(crc32s));
  });

  test("leaves the one before to whoever reads it", async () => {
    const ball = await stored(small, new Crc32Column(10));
    const { plan, manifest, crc32s } = planned(ball, 9);
    await newStore().replan(ball, plan, manifest, crc32s);
    expect(encodeManifest(await newStore().getManifest(ball))).toEqual(encodeManifest(small));
    await newStore().addCrc32s(ball, allCrc32s(10));
    expect(columnOf(await newStore().getCrc32s(ball))).toEqual(columnOf(allCrc32s(10)));
  });

  test("is stored while CRC-32s of the one before are added, and neither disturbs the other", async () => {
    const ball = await stored(small, new Crc32Column(10));
    const { plan, manifest, crc32s } = planned(ball, 9);
    const learned = allCrc32s(10);
    const [now] = await Promise.all([
      newStore().replan(ball, plan, manifest, crc32s),
      newStore().addCrc32s(ball, learned),
    ]);
    expect(columnOf(await newStore().getCrc32s(ball))).toEqual(columnOf(learned));
    expect(columnOf(await newStore().getCrc32s(now))).toEqual(columnOf(crc32s));
  });

  test("of several made at the same time is one, whole, and each of them is answered that one", async () => {
    const ball = await stored(small, allCrc32s(10));
    const plans = [9, 8, 7, 9].map((count) => planned(ball, count));
    const answers = await Promise.all(
      plans.map(({ plan, manifest, crc32s }) => newStore().replan(ball, plan, manifest, crc32s)),
    );
    const [first] = answers;
    for (const answer of answers) expect(answer).toEqual(first);
    const winner = plans.find(({ plan }) => plan.etag === first?.etag);
    const found = first && (await newStore().getManifest(first));
    expect(found && winner && encodeManifest(found)).toEqual(winner && encodeManifest(winner.manifest));
    expect(first && columnOf(await newStore().getCrc32s(first))).toEqual(winner && columnOf(winner.crc32s));
  });

  test("that several come to has the CRC-32s of one of them, and what was learned since", async () => {
    const ball = await stored(small, allCrc32s(10));
    const { plan, manifest } = planned(ball, 9);
    const knowing = (entry: number, crc32: number) => {
      const crc32s = new Crc32Column(9);
      crc32s.set(entry, crc32);
      return crc32s;
    };
    const first = await newStore().replan(ball, plan, manifest, knowing(0, 1));
    await newStore().addCrc32s(first, knowing(1, 2));
    const second = await newStore().replan(ball, plan, manifest, knowing(2, 3));
    expect(second).toEqual(first);
    expect(columnOf(await newStore().getCrc32s(first)).slice(0, 3)).toEqual([1, 2, undefined]);
  });

  test("is not put in place of one that came later than the ball was read", async () => {
    const ball = await stored(small, allCrc32s(10));
    const second = planned(ball, 9);
    const now = await newStore().replan(ball, second.plan, second.manifest, second.crc32s);
    const late = planned(ball, 8);
    expect(await newStore().replan(ball, late.plan, late.manifest, late.crc32s)).toEqual(now);
  });

  test("of which anything can not be written is none", async () => {
    const ball = await stored(small, allCrc32s(10));
    const { plan, manifest, crc32s } = planned(ball, 9);
    for (let failing = 1; failing <= 3; failing += 1) {
      const client = dynamodb().newClient();
      let count = 0;
      client.middlewareStack.add(
        (next) => (args) => {
          count += 1;
          if (count === failing) throw new Error("DynamoDB fails");
          return next(args);
        },
        { step: "initialize" },
      );
      const replanning = createBallStore(client, ballsTable).replan(ball, plan, manifest, crc32s);
      await expect(replanning).rejects.toThrow("DynamoDB fails");
      expect(await newStore().get(ball.ballId)).toEqual(ball);
    }
  });
});

describe("what was sent", () => {
  const sent: SentRange = {
    ...{ requestId: "one", planNumber: 0, start: 0, end: 100, updatedAtEpochMs: 1_750_000_000_123 },
    failure: undefined,
  };

  test("is kept by request, the latest in place of the one before", async () => {
    const ball = await stored(small, allCrc32s(10));
    const failed = { ...sent, end: 200, failure: '"/a" changed' };
    await newStore().keepSentRange(ball, sent);
    await newStore().keepSentRange(ball, failed);
    await newStore().keepSentRange(ball, { ...sent, requestId: "two" });
    expect(await newStore().sentRanges(ball)).toEqual([failed, { ...sent, requestId: "two" }]);
  });

  test("is that of one plan of one ball", async () => {
    const ball = await stored(small, allCrc32s(10));
    await newStore().keepSentRange(ball, { ...sent, planNumber: 1 });
    await newStore().keepSentRange({ ...ball, ballId: "another" }, sent);
    expect(await newStore().sentRanges(ball)).toEqual([]);
    expect(await newStore().sentRanges({ ...ball, planNumber: 1 })).toEqual([{ ...sent, planNumber: 1 }]);
  });

  test("is all of it, though it takes several pages", async () => {
    const ball = await stored(small, allCrc32s(10));
    const failure = "x".repeat(300_000);
    const requestIds = Array.from({ length: 8 }, (_, index) => `request ${index}`);
    for (const requestId of requestIds) await newStore().keepSentRange(ball, { ...sent, requestId, failure });
    expect((await newStore().sentRanges(ball)).map(({ requestId }) => requestId)).toEqual(requestIds);
  });

  test("goes with the ball", async () => {
    const ball = await stored(small, allCrc32s(10));
    await newStore().keepSentRange(ball, sent);
    const expiries = new Set((await itemsOf(ball)).map((item) => item.expiresAtEpochSeconds));
    expect(expiries).toEqual(new Set([ball.expiresAtEpochSeconds + 30 * 86_400]));
  });

  test("with anything that nobody wrote is corrupt", async () => {
    const ball = await stored(small, allCrc32s(10));
    await newStore().keepSentRange(ball, sent);
    const found = (await itemsOf(ball)).find(({ item }) => item === "sent#00000#one");
    const client = dynamodb().newClient();
    for (const more of [{ end: -1 }, { end: "100" }, { unknown: 1 }]) {
      await client.send(new PutCommand({ TableName: ballsTable, Item: { ...found, ...more } }));
      await expect(newStore().sentRanges(ball)).rejects.toMatchObject({ code: "ball-corrupt" });
    }
  });
});

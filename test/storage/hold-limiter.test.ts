import { expect, test } from "vitest";
import {
  createHoldLimiter,
  mostHeldPerBall,
  mostHeldPerToken,
} from "../../lambdas/storage/dynamodb/hold-limiter.ts";
import { ratesTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { ballOf, freeze } from "../support/manifests.ts";

const dynamodb = testDynamodb();
const limiter = () => createHoldLimiter(dynamodb().newClient(), ratesTable, 20);
const ballWith = (tokenId: string) => ({ ...ballOf(freeze([])), tokenId });
const at = (time: string) => new Date(`2026-11-22T${time}Z`);

/** How many of so many requests at one time may be held, each by a replica of its own. */
async function admitted(count: number, ball = ballWith("one"), now = at("12:00:00")): Promise<number> {
  const replicas = Array.from({ length: count }, limiter);
  const answers = await Promise.all(replicas.map((replica) => replica.admit(ball, now)));
  return answers.filter((isAdmitted) => isAdmitted).length;
}

test("of all requests for a ball so many are held, whichever replica has them, and again in the next window", async () => {
  const ball = ballWith("one");
  expect(await admitted(mostHeldPerBall + 3, ball, at("12:00:00"))).toBe(mostHeldPerBall);
  expect(await admitted(1, ball, at("12:00:19.999"))).toBe(0);
  expect(await admitted(mostHeldPerBall + 1, ball, at("12:00:20"))).toBe(mostHeldPerBall);
});

test("of all requests for balls of a token so many are held", async () => {
  const balls = Array.from({ length: mostHeldPerToken + 3 }, () => ballWith("two"));
  const replica = limiter();
  const answers: boolean[] = [];
  for (const ball of balls) answers.push(await replica.admit(ball, at("12:00:00")));
  expect(answers).toEqual(balls.map((_, index) => index < mostHeldPerToken));
  expect(await admitted(1, ballWith("three"))).toBe(1);
});

test("what one ball has too many of takes nothing from the token's others", async () => {
  await admitted(mostHeldPerToken * 2, ballWith("four"));
  expect(await admitted(1, ballWith("four"))).toBe(1);
});

test("a table that is not there is a failure, and no answer", async () => {
  const lost = createHoldLimiter(dynamodb().newClient(), "no-such-table", 20);
  await expect(lost.admit(ballWith("five"), at("12:00:00"))).rejects.toThrow();
});

import { createServer } from "node:http";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import type { Grant } from "../../lambdas/ball/grant.ts";
import { createRateLimiter } from "../../lambdas/storage/dynamodb/rate-limiter.ts";
import { closeServer, listenOnLoopback } from "../../local/loopback.ts";
import { ratesTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";

const dynamodb = testDynamodb();
const limiter = () => createRateLimiter(dynamodb().newClient(), ratesTable);
const grantOf = (tokenId: string): Grant => ({
  tokenId,
  bucket: "photos",
  prefixes: [""],
  requestsPerMinute: 3,
});
const at = (time: string) => new Date(`2026-11-22T${time}Z`);
const secondsAt = (time: string) => at(time).getTime() / 1000;

test("every request takes one off what is left, below nothing too", async () => {
  const remaining: number[] = [];
  for (let request = 0; request < 5; request += 1) {
    const allowance = await limiter().count(grantOf("one"), at("12:00:59.999"));
    expect(allowance).toMatchObject({ limit: 3, resetEpochSeconds: secondsAt("12:01:00") });
    remaining.push(allowance.remaining);
  }
  expect(remaining).toEqual([2, 1, 0, -1, -2]);
});

test("a new minute is a new count", async () => {
  await limiter().count(grantOf("two"), at("12:00:59.999"));
  expect(await limiter().count(grantOf("two"), at("12:01:00"))).toEqual({
    limit: 3,
    remaining: 2,
    resetEpochSeconds: secondsAt("12:02:00"),
  });
});

test("tokens are counted one by one", async () => {
  await limiter().count(grantOf("three"), at("12:00:00"));
  expect((await limiter().count(grantOf("four"), at("12:00:00"))).remaining).toBe(2);
});

test("requests at the same time, whichever replica has them, are counted exactly", async () => {
  const replicas = Array.from({ length: 30 }, limiter);
  const counted = await Promise.all(
    replicas.map((replica) => replica.count(grantOf("five"), at("12:00:00"))),
  );
  const remaining = counted.map((allowance) => allowance.remaining).sort((a, b) => b - a);
  expect(remaining).toEqual(Array.from({ length: 30 }, (_, request) => 2 - request));
});

test("a count is there for a while after its minute, then it may go", async () => {
  await limiter().count(grantOf("six"), at("12:00:00"));
  const items = await dynamodb().scan(ratesTable);
  expect(items).toContainEqual({
    window: `six#${secondsAt("12:00:00") / 60}`,
    requestCount: 1,
    expiresAtEpochSeconds: secondsAt("12:11:00"),
  });
});

test("a table that is not there is a failure, and not a limit", async () => {
  const lost = createRateLimiter(dynamodb().newClient(), "no-such-table");
  await expect(lost.count(grantOf("seven"), at("12:00:00"))).rejects.toThrow();
});

test("a server that does not answer is waited for a second, and no longer", async () => {
  const silent = createServer();
  const port = await listenOnLoopback(silent, 0);
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials,
  });
  try {
    const waiting = createRateLimiter(DynamoDBDocumentClient.from(client), ratesTable);
    const startedAt = performance.now();
    await expect(waiting.count(grantOf("eight"), at("12:00:00"))).rejects.toThrow();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  } finally {
    client.destroy();
    await closeServer(silent);
  }
});

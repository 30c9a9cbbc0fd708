import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, test } from "vitest";
import { routes } from "../../lambdas/api/routes.ts";
import { hashToken } from "../../lambdas/storage/dynamodb/token-store.ts";
import { createTables, ratesTable, tokensTable } from "../../local/tables.ts";
import { startTestStack, type TestStack } from "./test-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  await stack.put({ "dir/a.txt": "a" });
  return () => stack.close();
});

let tokenCount = 0;
/** A new token that may make so many requests in a minute. */
async function tokenFor(requestsPerMinute: number): Promise<string> {
  tokenCount += 1;
  const token = `limited-${tokenCount}`;
  const Item = { tokenHash: hashToken(token), bucket: stack.bucket, requestsPerMinute };
  await stack.dynamoDb.send(new PutCommand({ TableName: tokensTable, Item }));
  return token;
}

function ask(token: string, route: { method: string; path: string }, body = "{}"): Promise<Response> {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  return fetch(`${stack.api}${route.path}`, {
    method: route.method,
    headers,
    ...(route.method === "POST" ? { body } : {}),
  });
}

const create = { method: "POST", path: "/v2/zipball" };

function limitOf({ headers }: Response): (number | undefined)[] {
  const number = (name: string) => (headers.has(name) ? Number(headers.get(name)) : undefined);
  return ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"].map(number);
}

/** The tests of one limit have to lie in one minute. */
async function nextMinuteIfSoon(): Promise<void> {
  const leftMs = 60_000 - (Date.now() % 60_000);
  if (leftMs < 5_000) await new Promise((resolve) => setTimeout(resolve, leftMs + 50));
}

describe("what is left of a token's limit", () => {
  test("is told with every answer, good or bad, until nothing is left", async () => {
    await nextMinuteIfSoon();
    const token = await tokenFor(3);
    const reset = Math.floor(Date.now() / 60_000) * 60 + 60;
    const good = await ask(token, create, '{"objects":[{"path":"/dir/a.txt"}]}');
    const bad = await ask(token, create, "no json");
    const missing = await ask(token, { method: "POST", path: "/v2/metadata" }, '{"path":"/none"}');
    const tooMany = await ask(token, create, '{"objects":[{"path":"/dir/a.txt"}]}');
    const answers = [good, bad, missing, tooMany];
    expect(answers.map(({ status }) => status)).toEqual([201, 400, 404, 429]);
    expect(answers.map(limitOf)).toEqual([2, 1, 0, 0].map((remaining) => [3, remaining, reset]));
    expect(answers.map(({ headers }) => headers.has("retry-after"))).toEqual([false, false, false, true]);
    const waitSeconds = Number(tooMany.headers.get("retry-after"));
    expect(Date.now() / 1000 + waitSeconds).toBeGreaterThan(reset - 1);
    expect(waitSeconds).toBeLessThanOrEqual(60);
    expect(await tooMany.json()).toMatchObject({ success: false, error: { code: 10_429 } });
  });

  test("is one number for many requests at once", async () => {
    await nextMinuteIfSoon();
    const token = await tokenFor(10);
    const answers = await Promise.all(Array.from({ length: 25 }, () => ask(token, create)));
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });
});

describe("every route that asks for a token", () => {
  const pathOf = (resource: string) =>
    resource.replaceAll(/\{\w+\}/g, "00000000-0000-4000-8000-000000000000");
  const authorized = routes
    .filter((route) => route.authorized)
    .map(({ method, resource }) => ({ method, path: pathOf(resource) }));

  test.each(authorized)("counts, and refuses in its own dialect: $method $path", async (route) => {
    await nextMinuteIfSoon();
    const token = await tokenFor(1);
    const first = await ask(token, route);
    expect([400, 404]).toContain(first.status);
    expect(limitOf(first)).toMatchObject([1, 0, expect.any(Number)]);
    const second = await ask(token, route);
    expect(second.status).toBe(429);
    expect(second.headers.get("retry-after")).toMatch(/^[1-9]\d?$/);
    const isBox = route.path.startsWith("/2.0/");
    const requestId = second.headers.get("x-request-id");
    expect(requestId).toMatch(/^[\w-]{8,}$/);
    expect(await second.json()).toMatchObject(
      isBox
        ? { type: "error", status: 429, code: "rate_limit_exceeded", request_id: requestId }
        : { success: false, error: { code: 10_429, data: { reason: "rate-limited" } } },
    );
  });
});

test("a counter that fails stops nobody", async () => {
  const token = await tokenFor(1);
  await stack.dynamoDb.send(new DeleteTableCommand({ TableName: ratesTable }));
  try {
    for (let request = 0; request < 3; request += 1) {
      const answer = await ask(token, create, '{"objects":[{"path":"/dir/a.txt"}]}');
      expect(answer.status).toBe(201);
      expect(limitOf(answer)).toEqual([undefined, undefined, undefined]);
    }
  } finally {
    await createTables(stack.dynamoDb);
  }
});

import { Logger } from "@aws-lambda-powertools/logger";
import type { APIGatewayProxyResult } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bitpaket } from "../../lambdas/api/bitpaket/encode-problem.ts";
import { box } from "../../lambdas/api/box/encode-problem.ts";
import { BallError } from "../../lambdas/ball/errors.ts";
import type { Grant } from "../../lambdas/ball/grant.ts";
import type { RateLimiter } from "../../lambdas/ball/rate-limiter.ts";
import { callerFunction } from "../../lambdas/gateway/caller-function.ts";
import { allowAll } from "../../lambdas/gateway/grant-context.ts";
import { proxyEvent } from "./proxy-events.ts";

const grant: Grant = { tokenId: "token-1", bucket: "photos", prefixes: ["2026/"], requestsPerMinute: 10 };
const arn = "arn:aws:execute-api:eu-central-1:123456789012:abcdef/prod/POST/v2/zipball";
const event = proxyEvent({}, { authorizer: allowAll(arn, grant).context });

const now = new Date("2026-11-22T12:00:30.250Z");
const resetEpochSeconds = Date.parse("2026-11-22T12:01:00Z") / 1000;
const withRemaining = (remaining: number): RateLimiter => ({
  count: async ({ requestsPerMinute }) => ({ limit: requestsPerMinute, remaining, resetEpochSeconds }),
});

let lines: string[] = [];
let logger = new Logger();

beforeEach(() => {
  // Makes the logger write through the global console.
  vi.stubEnv("POWERTOOLS_DEV", "true");
  vi.useFakeTimers({ now, toFake: ["Date"] });
  lines = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
  logger = new Logger({ serviceName: "test" });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

type Answer = Parameters<typeof callerFunction>[1];

const made: Answer = async () => ({ status: 201, headers: { "Content-Type": "text/plain" }, body: "made" });

function ask(limiter: RateLimiter, answer: Answer = made): Promise<APIGatewayProxyResult> {
  return callerFunction({ logger, dialect: bitpaket, limiter }, answer)(event);
}

test("whoever asks is known to the function with all he may do", async () => {
  const seen: unknown[] = [];
  await ask(withRemaining(9), async (request, given) => {
    seen.push(request.requestId, given);
    return made(request, given);
  });
  expect(seen).toEqual(["request-1", grant]);
});

test("a request without a grant is answered 401, and not counted", async () => {
  const count = vi.fn();
  const handler = callerFunction({ logger, dialect: bitpaket, limiter: { count } }, made);
  expect(await handler(proxyEvent())).toMatchObject({ statusCode: 401 });
  expect(count).not.toHaveBeenCalled();
});

describe("every answer tells its request's id and what is left of the limit", () => {
  const told = {
    "X-Request-Id": "request-1",
    "X-RateLimit-Limit": "10",
    "X-RateLimit-Remaining": "4",
    "X-RateLimit-Reset": `${resetEpochSeconds}`,
  };

  test("one that is well", async () => {
    expect(await ask(withRemaining(4))).toEqual({
      statusCode: 201,
      headers: { "Content-Type": "text/plain", ...told },
      body: "made",
    });
  });

  test.each([
    ["the caller's failure", new BallError("forbidden", "This is not yours"), 403],
    ["our failure", new Error("boom"), 500],
  ])("%s", async (_what, error, statusCode) => {
    const answer = await ask(withRemaining(4), () => Promise.reject(error));
    expect(answer).toMatchObject({ statusCode, headers: { ...told, "Cache-Control": "no-store" } });
    expect(answer.headers).not.toHaveProperty("Retry-After");
  });
});

describe("one request too many", () => {
  test("is refused before anything is done for it, until the next minute", async () => {
    const answer = vi.fn(made);
    expect(await ask(withRemaining(-1), answer)).toMatchObject({
      statusCode: 429,
      headers: {
        "X-Request-Id": "request-1",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": `${resetEpochSeconds}`,
        // 29.75 s, and never too early.
        "Retry-After": "30",
      },
    });
    expect(answer).not.toHaveBeenCalled();
    expect(lines).toEqual([]);
  });

  test("is the one after the last that is left", async () => {
    expect(await ask(withRemaining(0))).toMatchObject({ statusCode: 201 });
  });

  test("is never told to come back at once", async () => {
    vi.setSystemTime(resetEpochSeconds * 1000);
    expect((await ask(withRemaining(-1))).headers).toMatchObject({ "Retry-After": "1" });
  });

  test.each([
    ["BitPaket's", bitpaket, { error: { code: 10_429, data: { reason: "rate-limited" } } }],
    ["Box's", box, { type: "error", status: 429, code: "rate_limit_exceeded", request_id: "request-1" }],
  ])("is told in %s words", async (_whose, dialect, body) => {
    const answer = await callerFunction({ logger, dialect, limiter: withRemaining(-1) }, made)(event);
    expect(JSON.parse(answer.body)).toMatchObject(body);
  });
});

test("a request that can not be counted is answered all the same, and logged once", async () => {
  const count = () => Promise.reject(new Error("DynamoDB is away"));
  expect(await ask({ count })).toEqual({
    statusCode: 201,
    headers: { "Content-Type": "text/plain", "X-Request-Id": "request-1" },
    body: "made",
  });
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain("token-1");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ requestId: "request-1", level: "ERROR" });
});

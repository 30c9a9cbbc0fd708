import { inspect } from "node:util";
import { Logger } from "@aws-lambda-powertools/logger";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bitpaket } from "../../lambdas/api/bitpaket/encode-problem.ts";
import { BallError, type BallErrorCode, placed } from "../../lambdas/ball/errors.ts";
import { bufferedFunction } from "../../lambdas/gateway/buffered-function.ts";
import { textBody } from "../../lambdas/gateway/stream-response.ts";
import { streamedFunction } from "../../lambdas/gateway/streamed-function.ts";
import { invoke } from "../../local/api-gateway/lambda-function.ts";
import { proxyEvent } from "./proxy-events.ts";
import { RecordedStream } from "./recorded-stream.ts";

const ballId = "e7d86f8c-f53e-4ec5-aee6-5e0408296dbe";
const event = proxyEvent({
  resource: "/{ball}",
  httpMethod: "GET",
  pathParameters: { ball: `${ballId}.zip` },
  headers: { Authorization: "Bearer top-secret-token" },
});

let lines: string[] = [];
let logger = new Logger();

beforeEach(() => {
  // Makes the logger write through the global console.
  vi.stubEnv("POWERTOOLS_DEV", "true");
  lines = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
  logger = new Logger({ serviceName: "test" });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const context = {
  functionName: "test",
  awsRequestId: "request-1",
} as const;

async function stream(answer: Parameters<typeof streamedFunction>[1], recorded = new RecordedStream()) {
  const outcome = await invoke(
    streamedFunction({ logger, dialectOf: () => bitpaket, idleSeconds: 60 }, answer),
    [event, recorded.shown, context],
  ).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { recorded, outcome };
}

describe("a buffered function", () => {
  test("answers with the request's id", async () => {
    const answer = { status: 201, headers: { "Content-Type": "text/plain" }, body: "made" };
    expect(
      await bufferedFunction(
        logger,
        () => bitpaket,
        async () => answer,
      )(event),
    ).toEqual({
      statusCode: 201,
      headers: { "Content-Type": "text/plain", "X-Request-Id": "request-1" },
      body: "made",
    });
    expect(lines).toEqual([]);
  });

  test("answers a problem as JSON, which no cache keeps", async () => {
    const handler = bufferedFunction(
      logger,
      () => bitpaket,
      async () => {
        throw new BallError("source-not-found", "It is not there", { at: "objects[0].path" });
      },
    );
    expect(await handler(event)).toEqual({
      statusCode: 404,
      headers: {
        "Content-Type": "application/json; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Request-Id": "request-1",
      },
      body: expect.stringContaining('"success":false'),
    });
  });
});

describe("a streamed function", () => {
  test("answers with the request's id", async () => {
    const { recorded } = await stream(async () => ({ status: 200, headers: {}, chunks: textBody("hello") }));
    expect(recorded.prelude).toEqual({ statusCode: 200, headers: { "X-Request-Id": "request-1" } });
    expect(recorded.body.toString()).toBe("hello");
  });

  test("answers a problem as JSON, whether it is met before the answer or before its first byte", async () => {
    const expired = new BallError("ball-expired", "This link has expired; ask for a new one");
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* [];
      throw expired;
    }
    const early = await stream(() => Promise.reject(expired));
    const late = await stream(async () => ({
      status: 200,
      headers: { "Content-Length": "9" },
      chunks: failing(),
    }));
    for (const { recorded, outcome } of [early, late]) {
      expect(outcome).toBeUndefined();
      expect(recorded.prelude).toMatchObject({ statusCode: 410, headers: { "X-Request-Id": "request-1" } });
      expect(recorded.prelude).not.toMatchObject({ headers: { "Content-Length": "9" } });
      expect(JSON.parse(recorded.body.toString()).error.code).toBe(10_410);
      expect(recorded.isEnded).toBe(true);
    }
    expect(lines).toEqual([]);
  });

  test("says when to ask again for what is not ready yet, which is nothing to log", async () => {
    const message = "The zip is still being assembled";
    const notReady = new BallError("archive-not-ready", message, { retryAfterSeconds: 15 });
    const { recorded } = await stream(() => Promise.reject(notReady));
    expect(recorded.prelude).toMatchObject({ statusCode: 503, headers: { "Retry-After": "15" } });
    expect(JSON.parse(recorded.body.toString()).error).toMatchObject({ code: 10_503, message });
    expect(lines).toEqual([]);
  });

  test("tells whoever holds a link nothing of what an assembly failed for, and the log all of it", async () => {
    const failed = new BallError("assembly-failed", 'The zip could not be assembled: "secret/a.txt" is gone');
    const { recorded } = await stream(() => Promise.reject(failed));
    expect(recorded.prelude).toMatchObject({ statusCode: 502 });
    expect(recorded.body.toString()).toContain("could not be assembled");
    expect(recorded.body.toString()).not.toContain("secret");
    expect(lines.join()).toContain("secret/a.txt");
  });

  test.each(["source-changed", "source-archived"] as const)(
    "fails when its body breaks off, be it %s, and says so once",
    async (code) => {
      async function* failing() {
        yield Buffer.from("some");
        throw new BallError(code, "It is another object now");
      }
      const chunks = failing();
      const { recorded, outcome } = await stream(async () => ({ status: 200, headers: {}, chunks }));
      expect([recorded.isEnded, recorded.isDestroyed]).toEqual([false, false]);
      expect(lines).toHaveLength(1);
      expect(JSON.parse(lines[0] ?? "")).toMatchObject({ requestId: "request-1", code });
      // The runtime logs what it is given, so that it is given nothing but where to look.
      expect(outcome).toMatchObject({ message: expect.stringContaining("request-1") });
      expect(inspect(outcome)).not.toMatch(/another object| {4}at /);
    },
  );

  test("learns that its reader has left, and does not call that a failure", async () => {
    const recorded = new RecordedStream();
    let given: AbortSignal | undefined;
    async function* chunks() {
      yield Buffer.from("some");
      recorded.leave();
      await new Promise<void>((resolve) => given?.addEventListener("abort", () => resolve()));
      throw new Error("the read was aborted");
    }
    const { outcome } = await stream(async (_request, signal) => {
      given = signal;
      return { status: 200, headers: {}, chunks: chunks() };
    }, recorded);
    expect(given?.aborted).toBe(true);
    expect(outcome).toEqual(new Error("the read was aborted"));
    expect(lines).toEqual([]);
  });

  test("logs nothing of a reader who leaves, before or behind the first byte", async () => {
    const early = new RecordedStream();
    await stream(async (_request, signal) => {
      early.leave();
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      throw new Error("He has left by now");
    }, early);
    const late = new RecordedStream();
    late.onWrite = () => late.leave();
    await stream(async () => ({ status: 200, headers: {}, chunks: textBody("some") }), late);
    expect([early.isDestroyed, late.isDestroyed, lines]).toEqual([true, true, []]);
  });
});

describe("the log", () => {
  test("of what broke off says where in the archive, and what led to it, also of an error without a code", async () => {
    const place = { entryName: "b.bin", key: "a/b.bin", offset: 1234 };
    const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    const slowDown = Object.assign(new Error("Please reduce your request rate."), {
      name: "SlowDown",
      $metadata: { httpStatusCode: 503 },
      cause: reset,
    });
    async function* failing(error: Error) {
      yield Buffer.from("some");
      throw error;
    }
    const coded = new BallError("source-unreadable", "S3 went on failing", { cause: slowDown });
    for (const error of [placed(coded, place), placed(slowDown, place)]) {
      await stream(async () => ({ status: 200, headers: {}, chunks: failing(error) }));
    }
    const at = { requestId: "request-1", entry: "b.bin", key: "a/b.bin", offset: 1234 };
    const told = { name: "SlowDown", message: "Please reduce your request rate.", status: 503 };
    const socket = { name: "Error", message: "read ECONNRESET", code: "ECONNRESET" };
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { ...at, code: "source-unreadable", cause: [told, socket], error: { message: "S3 went on failing" } },
      { ...at, code: "unexpected", cause: [socket], error: { name: "SlowDown" } },
    ]);
  });

  test("ends with the causes that anybody could want, also of an error that is its own", async () => {
    const circular = new Error("again");
    circular.cause = circular;
    const error = new Error("boom", { cause: circular });
    await stream(() => Promise.reject(error));
    expect(JSON.parse(lines[0] ?? "").cause).toHaveLength(8);
    await stream(() => Promise.reject(new Error("boom", { cause: "a string" })));
    expect(JSON.parse(lines[1] ?? "").cause).toEqual([{ name: "string", message: "a string" }]);
  });

  const callersOwn: BallErrorCode[] = [
    "invalid-request",
    "request-too-large",
    "unauthorized",
    "forbidden",
    "rate-limited",
    "source-not-found",
    "version-not-found",
    "revision-ambiguous",
    "source-archived",
    "too-many-entries",
    "archive-too-large",
    "ball-not-found",
    "ball-expired",
    "ball-not-started",
  ];
  const ours: BallErrorCode[] = [
    "source-forbidden",
    "source-changed",
    "source-unreadable",
    "source-corrupt",
    "ball-corrupt",
  ];

  test.each([...callersOwn.map((code) => [code, 0] as const), ...ours.map((code) => [code, 1] as const)])(
    "of %s has %i lines",
    async (code, count) => {
      await bufferedFunction(
        logger,
        () => bitpaket,
        () => Promise.reject(new BallError(code, "What is wrong")),
      )(event);
      expect(lines).toHaveLength(count);
    },
  );

  test.each([new Error("boom"), "a string", undefined, null, { odd: true }])(
    "of what nobody expected (%o) has one line with the request's id",
    async (thrown) => {
      await bufferedFunction(
        logger,
        () => bitpaket,
        () => Promise.reject(thrown),
      )(event);
      expect(lines).toHaveLength(1);
      expect(JSON.parse(lines[0] ?? "")).toMatchObject({ requestId: "request-1", code: "unexpected" });
    },
  );

  test("has neither link nor token", async () => {
    await bufferedFunction(
      logger,
      () => bitpaket,
      () => Promise.reject(new Error("boom")),
    )(event);
    async function* failing() {
      yield Buffer.from("some");
      throw new Error("boom");
    }
    await stream(async () => ({ status: 200, headers: {}, chunks: failing() }));
    expect(lines).toHaveLength(2);
    expect(lines.join("\n")).not.toMatch(new RegExp(`${ballId}|top-secret-token`));
  });
});

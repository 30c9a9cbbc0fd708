import { Logger } from "@aws-lambda-powertools/logger";
import { expect, test } from "vitest";
import { BallError } from "../../lambdas/ball/errors.ts";
import { batchFunction } from "../../lambdas/queue/batch-function.ts";

/** A logger that keeps its lines. */
function listeningLogger() {
  const lines: unknown[] = [];
  const logger = new Logger({ serviceName: "test", logLevel: "INFO" });
  logger.error = (message, ...more) => {
    lines.push([message, ...more]);
  };
  return { logger, lines };
}

const batchOf = (...bodies: string[]) => ({
  Records: bodies.map((body, index) => ({
    messageId: `id of ${body}`,
    receiptHandle: `receipt of ${body}`,
    body,
    attributes: { ApproximateReceiveCount: String(index + 1) },
  })),
});

const context = { getRemainingTimeInMillis: () => 12_345 };

test("what fails comes again, alone, and is told once", async () => {
  const { logger, lines } = listeningLogger();
  const handled: string[] = [];
  const handler = batchFunction(logger, async ({ body }) => {
    if (body === "forbidden") throw new BallError("source-forbidden", "not allowed");
    if (body.startsWith("bad")) throw new SyntaxError("not understood");
    handled.push(body);
  });
  const answer = await handler(batchOf("one", "bad", "two", "forbidden", "three"), context);
  expect(answer).toEqual({
    batchItemFailures: [{ itemIdentifier: "id of bad" }, { itemIdentifier: "id of forbidden" }],
  });
  expect(handled).toEqual(["one", "two", "three"]);
  expect(lines).toMatchObject([
    ["A message failed", { messageId: "id of bad", code: "unexpected" }],
    ["A message failed", { messageId: "id of forbidden", code: "source-forbidden" }],
  ]);
});

test("a batch that is done leaves nothing to come again", async () => {
  const handler = batchFunction(listeningLogger().logger, async () => undefined);
  expect(await handler(batchOf("one", "two"), context)).toEqual({ batchItemFailures: [] });
  expect(await handler(batchOf(), context)).toEqual({ batchItemFailures: [] });
});

test("a message tells how often it came, and the function how much time there is", async () => {
  const told: unknown[] = [];
  const handler = batchFunction(listeningLogger().logger, async (message, time) => {
    told.push([message, time.remainingMs()]);
  });
  await handler(batchOf("one", "two"), context);
  expect(told).toEqual([
    [{ body: "one", receiptHandle: "receipt of one", receiveCount: 1 }, 12_345],
    [{ body: "two", receiptHandle: "receipt of two", receiveCount: 2 }, 12_345],
  ]);
});

test("what is no batch fails as a whole", async () => {
  const handler = batchFunction(listeningLogger().logger, async () => undefined);
  await expect(handler({}, context)).rejects.toThrow();
});

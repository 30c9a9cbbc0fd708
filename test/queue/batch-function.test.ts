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
  Records: bodies.map((body) => ({ messageId: `id of ${body}`, receiptHandle: "r", body })),
});

test("what fails comes again, alone, and is told once", async () => {
  const { logger, lines } = listeningLogger();
  const handled: string[] = [];
  const handler = batchFunction(logger, async (body) => {
    if (body === "forbidden") throw new BallError("source-forbidden", "not allowed");
    if (body.startsWith("bad")) throw new SyntaxError("not understood");
    handled.push(body);
  });
  const answer = await handler(batchOf("one", "bad", "two", "forbidden", "three"));
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
  expect(await handler(batchOf("one", "two"))).toEqual({ batchItemFailures: [] });
  expect(await handler(batchOf())).toEqual({ batchItemFailures: [] });
});

test("what is no batch fails as a whole", async () => {
  const handler = batchFunction(listeningLogger().logger, async () => undefined);
  await expect(handler({})).rejects.toThrow();
});

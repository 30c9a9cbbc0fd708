import type { Logger } from "@aws-lambda-powertools/logger";
import type { SQSBatchResponse } from "aws-lambda";
import pMap from "p-map";
import { z } from "zod";
import { BallError } from "../ball/errors.ts";

/** Messages of one batch worked on at a time. */
const concurrency = 16;

const batch = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });

/**
 * A function that SQS calls with a batch of messages. What fails is logged, and it alone comes again: the queue has
 * `ReportBatchItemFailures` set. Source: Lambda developer guide, "Implementing partial batch responses".
 */
export function batchFunction(
  logger: Logger,
  handle: (body: string) => Promise<void>,
): (event: unknown) => Promise<SQSBatchResponse> {
  const tryOne = async ({ messageId, body }: { messageId: string; body: string }) => {
    try {
      await handle(body);
      return [];
    } catch (error) {
      const code = error instanceof BallError ? error.code : "unexpected";
      logger.error("A message failed", {
        messageId,
        code,
        error: error instanceof Error ? error : String(error),
      });
      return [{ itemIdentifier: messageId }];
    }
  };
  return async (event) => {
    const failures = await pMap(batch.parse(event).Records, tryOne, { concurrency });
    return { batchItemFailures: failures.flat() };
  };
}

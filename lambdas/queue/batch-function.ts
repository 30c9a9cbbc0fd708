import type { Logger } from "@aws-lambda-powertools/logger";
import type { Context, SQSBatchResponse } from "aws-lambda";
import pMap from "p-map";
import { z } from "zod";
import { BallError } from "../ball/errors.ts";

/** Messages of one batch worked on at a time. */
const concurrency = 16;

/** A message as its function is given it. */
export interface QueueMessage {
  readonly body: string;
  /** Names this time of its being received, to SQS. */
  readonly receiptHandle: string;
  /** How often it was received, this time included. */
  readonly receiveCount: number;
}

/** The time there is for a batch. */
export interface BatchTime {
  /** Until the function is ended. */
  remainingMs(): number;
}

/** Lambda developer guide, "Using Lambda with Amazon SQS", the event. */
const record = z.object({
  messageId: z.string(),
  receiptHandle: z.string(),
  body: z.string(),
  attributes: z.object({ ApproximateReceiveCount: z.coerce.number().int().positive() }),
});
const batch = z.object({ Records: z.array(record) });

type Record = z.output<typeof record>;

/**
 * A function that SQS calls with a batch of messages. What fails is logged, and it alone comes again: the queue has
 * `ReportBatchItemFailures` set. Source: Lambda developer guide, "Implementing partial batch responses".
 */
export function batchFunction(
  logger: Logger,
  handle: (message: QueueMessage, time: BatchTime) => Promise<void>,
): (event: unknown, context: Pick<Context, "getRemainingTimeInMillis">) => Promise<SQSBatchResponse> {
  const tryOne = async ({ messageId, body, receiptHandle, attributes }: Record, time: BatchTime) => {
    try {
      await handle({ body, receiptHandle, receiveCount: attributes.ApproximateReceiveCount }, time);
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
  return async (event, context) => {
    const time = { remainingMs: () => context.getRemainingTimeInMillis() };
    const tried = (message: Record) => tryOne(message, time);
    const failures = await pMap(batch.parse(event).Records, tried, { concurrency });
    return { batchItemFailures: failures.flat() };
  };
}

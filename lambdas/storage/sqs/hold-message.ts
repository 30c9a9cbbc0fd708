import { ChangeMessageVisibilityCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** A message that somebody works on. */
export interface HeldMessage {
  readonly queueUrl: string;
  readonly receiptHandle: string;
}

/**
 * Hides a message for so many seconds from now (0 to 43,200): from a worker that goes on, the heartbeat by which the message
 * of one that dies comes again soon, however long the queue's own timeout is. 0 lets it come again at once.
 * Source: SQS API reference, ChangeMessageVisibility; not more than 12 hours after it was received.
 */
export async function holdMessage(
  sqs: SQSClient,
  { queueUrl, receiptHandle }: HeldMessage,
  seconds: number,
): Promise<void> {
  await sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    }),
  );
}

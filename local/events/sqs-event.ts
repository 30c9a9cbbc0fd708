import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";
import type { SQSEvent, SQSMessageAttribute, SQSRecord } from "aws-lambda";
import { z } from "zod";

/**
 * The event with which Lambda calls a function for messages of a queue.
 * Source: Lambda developer guide, "Using Lambda with Amazon SQS".
 */
export function sqsEvent(messages: readonly Message[], queueArn: string, region: string): SQSEvent {
  return { Records: messages.map((message) => recordOf(message, queueArn, region)) };
}

function recordOf(message: Message, eventSourceARN: string, awsRegion: string): SQSRecord {
  const { MessageId = "", ReceiptHandle = "", Body = "", MD5OfBody = "" } = message;
  const { SentTimestamp = "0", ApproximateReceiveCount = "1", ...attributes } = message.Attributes ?? {};
  const { SenderId = "", ApproximateFirstReceiveTimestamp = SentTimestamp } = attributes;
  const messageAttributes = Object.entries(message.MessageAttributes ?? {});
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: { SentTimestamp, ApproximateReceiveCount, SenderId, ApproximateFirstReceiveTimestamp },
    messageAttributes: Object.fromEntries(
      messageAttributes.map(([name, value]) => [name, messageAttribute(value)]),
    ),
    md5OfBody: MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN,
    awsRegion,
  };
}

function messageAttribute(value: MessageAttributeValue): SQSMessageAttribute {
  const { DataType = "String", StringValue, BinaryValue } = value;
  return {
    dataType: DataType,
    stringListValues: [],
    binaryListValues: [],
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString("base64") }),
  };
}

const answerSchema = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish() })
  .nullish();

/**
 * Which messages a function's answer (ReportBatchItemFailures) gives back to the queue. An answer of another form, or
 * one that names a message it was not given, gives back all of them.
 * Source: Lambda developer guide, "Handling errors for an SQS event source in Lambda".
 */
export function failedMessageIds(answer: unknown, messages: readonly Message[]): ReadonlySet<string> {
  const given = new Set(messages.map(({ MessageId = "" }) => MessageId));
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return given;
  const failed = new Set((parsed.data?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
  return [...failed].every((id) => given.has(id)) ? failed : given;
}

import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { ReportFailure } from "../api-gateway/invocation.ts";
import { invoke, type LambdaFunction, lambdaContext } from "../api-gateway/lambda-function.ts";
import type { Queue } from "./queue.ts";
import { failedMessageIds, sqsEvent } from "./sqs-event.ts";

export interface EventSourceMapping {
  readonly queue: Queue;
  readonly region: string;
  readonly functionName: string;
  readonly handler: LambdaFunction;
  readonly report: ReportFailure;
  /** Waited for before each call; none: it is called at once. */
  readonly beforeCall?: () => Promise<void>;
  /** How long to rest after each call, in multiples of the time it took, up to a second; none: not at all. */
  readonly restPerWork?: number;
}

/**
 * Lambda's event source mapping: calls a function with what comes to a queue, up to 10 messages at a time and one call
 * at a time. What the function has done is deleted; what it failed on comes again after the queue's visibility timeout.
 * Answers what ends it, once the call under way has ended.
 */
export function mapQueue(mapping: EventSourceMapping): () => Promise<void> {
  const stop = new AbortController();
  const work = poll(mapping, stop.signal);
  return async () => {
    stop.abort();
    await work;
  };
}

async function poll(mapping: EventSourceMapping, signal: AbortSignal): Promise<void> {
  let isFailing = false;
  while (!signal.aborted) {
    try {
      const messages = await receive(mapping.queue, signal);
      if (messages.length > 0) await work(mapping, messages, signal);
      isFailing = false;
    } catch (error) {
      if (signal.aborted) return;
      // A queue that is away for long is told of once.
      if (!isFailing) mapping.report({ functionName: mapping.functionName, requestId: randomUUID(), error });
      isFailing = true;
      await rest(restAfterFailureMs, signal);
    }
  }
}

async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}

async function receive({ client, url }: Queue, abortSignal: AbortSignal): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: longestWaitSeconds,
    MessageSystemAttributeNames: ["All"],
    MessageAttributeNames: ["All"],
  });
  return (await client.send(command, { abortSignal })).Messages ?? [];
}

async function work(mapping: EventSourceMapping, messages: readonly Message[], signal: AbortSignal) {
  const { beforeCall, restPerWork = 0 } = mapping;
  await beforeCall?.();
  const startedAtMs = performance.now();
  await handle(mapping, messages);
  await rest(Math.min((performance.now() - startedAtMs) * restPerWork, longestRestMs), signal);
}

async function handle(mapping: EventSourceMapping, messages: readonly Message[]): Promise<void> {
  const failed = await callFunction(mapping, messages);
  const Entries = messages
    .filter(({ MessageId = "" }) => !failed.has(MessageId))
    .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  if (Entries.length === 0) return;
  const { client, url } = mapping.queue;
  await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
}

/** The ids of the messages that the function did not do; all of them when it fails as a whole. */
async function callFunction(
  { queue, region, functionName, handler, report }: EventSourceMapping,
  messages: readonly Message[],
): Promise<ReadonlySet<string>> {
  const requestId = randomUUID();
  try {
    const context = lambdaContext(functionName, requestId, Date.now() + functionTimeoutMs);
    const answer = await invoke(handler, [sqsEvent(messages, queue.arn, region), context]);
    return failedMessageIds(answer, messages);
  } catch (error) {
    report({ functionName, requestId, error });
    return new Set(messages.map(({ MessageId = "" }) => MessageId));
  }
}

const longestWaitSeconds = 20;
/** What took long took it because others were at work. */
const longestRestMs = 1000;
const restAfterFailureMs = 1000;
/** Within the visibility timeout of a queue that nobody set otherwise. */
const functionTimeoutMs = 30_000;

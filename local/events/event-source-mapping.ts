import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { ReportFailure } from "../api-gateway/invocation.ts";
import { invoke, type LambdaFunction, lambdaContext } from "../api-gateway/lambda-function.ts";
import { callWithin } from "./call-time.ts";
import type { Queue } from "./queue.ts";
import { failedMessageIds, sqsEvent } from "./sqs-event.ts";

export interface EventSourceMapping {
  readonly queue: Queue;
  readonly region: string;
  readonly functionName: string;
  readonly handler: LambdaFunction;
  readonly report: ReportFailure;
  /** Most messages of one call, up to 10; none: 10. */
  readonly batchSize?: number;
  /** Most calls at a time; none: one. */
  readonly concurrency?: number;
  /** How long one call may take; none: 30 seconds, within the visibility timeout of a queue that nobody set otherwise. */
  readonly functionTimeoutMs?: number;
  /** Waited for before each call; none: it is called at once. */
  readonly beforeCall?: () => Promise<void>;
  /** How long to rest after each call, in multiples of the time it took, up to a second; none: not at all. */
  readonly restPerWork?: number;
}

/**
 * Lambda's event source mapping: calls a function with what comes to a queue. What the function has done is deleted;
 * what it failed on, or did not end in time, comes again after the queue's visibility timeout.
 * Answers what ends it: no call is begun any more, and those under way have seconds left to end.
 */
export function mapQueue(mapping: EventSourceMapping): () => Promise<void> {
  const stop = new AbortController();
  const report = toldOnce(mapping);
  const pollers = Array.from({ length: mapping.concurrency ?? 1 }, () => poll(mapping, report, stop.signal));
  return async () => {
    stop.abort();
    await Promise.all(pollers);
  };
}

/** What polling came to: undefined when all went well. */
type ReportPolling = (error: unknown) => void;

/** Tells of a queue that is away, but once, for however long and however many ask it. */
function toldOnce({ functionName, report }: EventSourceMapping): ReportPolling {
  let isFailing = false;
  return (error) => {
    const isNews = error !== undefined && !isFailing;
    isFailing = error !== undefined;
    if (isNews) report({ functionName, requestId: randomUUID(), error });
  };
}

async function poll(mapping: EventSourceMapping, report: ReportPolling, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const messages = await receive(mapping, signal);
      if (messages.length > 0) await work(mapping, messages, signal);
      report(undefined);
    } catch (error) {
      if (signal.aborted) return;
      report(error);
      await rest(restAfterFailureMs, signal);
    }
  }
}

async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}

async function receive(
  { queue, batchSize = 10 }: EventSourceMapping,
  abortSignal: AbortSignal,
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queue.url,
    MaxNumberOfMessages: batchSize,
    WaitTimeSeconds: longestWaitSeconds,
    MessageSystemAttributeNames: ["All"],
    MessageAttributeNames: ["All"],
  });
  return (await queue.client.send(command, { abortSignal })).Messages ?? [];
}

async function work(mapping: EventSourceMapping, messages: readonly Message[], signal: AbortSignal) {
  const { beforeCall, restPerWork = 0 } = mapping;
  await beforeCall?.();
  if (signal.aborted) return;
  const startedAtMs = performance.now();
  await handle(mapping, messages, signal);
  await rest(Math.min((performance.now() - startedAtMs) * restPerWork, longestRestMs), signal);
}

async function handle(mapping: EventSourceMapping, messages: readonly Message[], stop: AbortSignal) {
  const failed = await callFunction(mapping, messages, stop);
  const Entries = messages
    .filter(({ MessageId = "" }) => !failed.has(MessageId))
    .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  if (Entries.length === 0) return;
  const { client, url } = mapping.queue;
  await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
}

/** The ids of the messages that the function did not do; all of them when it fails as a whole. */
async function callFunction(
  mapping: EventSourceMapping,
  messages: readonly Message[],
  stop: AbortSignal,
): Promise<ReadonlySet<string>> {
  const { queue, region, functionName, handler, report } = mapping;
  const { functionTimeoutMs: timeoutMs = defaultTimeoutMs } = mapping;
  const requestId = randomUUID();
  const event = sqsEvent(messages, queue.arn, region);
  try {
    const answer = await callWithin({ timeoutMs, stop }, (remainingMs) =>
      invoke(handler, [event, lambdaContext(functionName, requestId, remainingMs)]),
    );
    return failedMessageIds(answer, messages);
  } catch (error) {
    // What a stop interrupts is no failure of the function.
    if (!stop.aborted) report({ functionName, requestId, error });
    return new Set(messages.map(({ MessageId = "" }) => MessageId));
  }
}

const longestWaitSeconds = 20;
/** What took long took it because others were at work. */
const longestRestMs = 1000;
const restAfterFailureMs = 1000;
const defaultTimeoutMs = 30_000;

import { setTimeout as delay } from "node:timers/promises";
import { GetQueueAttributesCommand, SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import type { DeliverEvents } from "../s3/event-relay.ts";
import type { Queue } from "./queue.ts";

/**
 * Puts events into the queue, each as the message that EventBridge makes of it: its JSON. Waits while the queue holds
 * many, because the embedded one holds them in memory, and where they come from they are on disk.
 */
export function eventSender(queue: Queue): DeliverEvents {
  let room = 0;
  return async (events, signal) => {
    while (room < events.length) {
      room = mostWaiting - (await waitingIn(queue, signal));
      if (room < events.length) await delay(lookAgainMs, undefined, { signal });
    }
    room -= events.length;
    await sendAll(queue, events, signal);
  };
}

async function waitingIn({ client, url }: Queue, abortSignal: AbortSignal): Promise<number> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: url,
    AttributeNames: ["ApproximateNumberOfMessages"],
  });
  return Number((await client.send(command, { abortSignal })).Attributes?.ApproximateNumberOfMessages ?? 0);
}

async function sendAll(
  { client, url }: Queue,
  events: readonly string[],
  abortSignal: AbortSignal,
): Promise<void> {
  const Entries = events.map((event, index) => ({ Id: String(index), MessageBody: messageOf(event) }));
  const command = new SendMessageBatchCommand({ QueueUrl: url, Entries });
  const { Failed = [] } = await client.send(command, { abortSignal });
  const [failed] = Failed;
  if (failed !== undefined) throw new Error(`SQS refused ${Failed.length} events: ${failed.Message}`);
}

/**
 * With JSON's own escapes for what a message may not hold: U+FFFE and U+FFFF, and surrogates, which fauxqs does not
 * take for halves of one character. Source: SQS API reference, SendMessage.
 */
function messageOf(json: string): string {
  return json.replace(/[\ud800-\udfff\ufffe\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}

const mostWaiting = 1000;
const lookAgainMs = 250;

import { setTimeout as delay } from "node:timers/promises";
import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import pMap from "p-map";
import type { AssemblyQueue } from "../../ball/assembly.ts";
import { formatAssemblyWork } from "./assembly-work.ts";

/** Messages of one SendMessageBatch, as many as SQS takes. */
const messagesPerBatch = 10;
/** Batches under way at a time. */
const concurrency = 8;
/** How often what SQS refused of a batch is sent again. */
const batchAttempts = 5;
const firstPauseMs = 50;

/** The queue of assembly work in SQS. Throws when a message can not be sent; others may have been sent then. */
export function createAssemblyQueue(sqs: SQSClient, queueUrl: string): AssemblyQueue {
  return {
    async send(work, delaySeconds = 0) {
      const entries = work.map((asked, index) => ({
        Id: String(index),
        MessageBody: formatAssemblyWork(asked),
        DelaySeconds: delaySeconds,
      }));
      const send = (batch: SendMessageBatchRequestEntry[]) => sendBatch(sqs, queueUrl, batch);
      await pMap(batches(entries), send, { concurrency });
    },
  };
}

/** SQS may take some messages of a batch and refuse others: these are sent again, unless it is their own fault. */
async function sendBatch(
  sqs: SQSClient,
  QueueUrl: string,
  batch: SendMessageBatchRequestEntry[],
): Promise<void> {
  let left = batch;
  for (let attempt = 1; ; attempt += 1) {
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: left }));
    const [failed] = Failed;
    if (failed === undefined) return;
    if (attempt === batchAttempts || Failed.some(({ SenderFault }) => SenderFault === true)) {
      throw new Error(`SQS refused ${Failed.length} of ${batch.length} messages: ${failed.Message}`);
    }
    const refused = new Set(Failed.map(({ Id }) => Id));
    left = left.filter(({ Id }) => refused.has(Id));
    await delay(Math.random() * firstPauseMs * 2 ** attempt);
  }
}

function batches<One>(items: readonly One[]): One[][] {
  return Array.from({ length: Math.ceil(items.length / messagesPerBatch) }, (_, batch) =>
    items.slice(batch * messagesPerBatch, (batch + 1) * messagesPerBatch),
  );
}

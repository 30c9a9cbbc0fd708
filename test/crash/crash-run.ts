import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { vi } from "vitest";
import { createAssemblyQueue } from "../../lambdas/storage/sqs/assembly-queue.ts";
import { failedMessageIds, sqsEvent } from "../../local/events/sqs-event.ts";
import { AssemblyRun } from "../assembly/assembly-run.ts";
import type { FaultyBall } from "../faults/faulty-ball.ts";
import type { WorkerRequest } from "./counting-proxy.ts";
import type { CrashServers } from "./crash-servers.ts";
import { type WorkerPlan, workerPlans } from "./worker-plans.ts";
import { WorkerEnded, type WorkerProcesses } from "./worker-processes.ts";

/** How long all wait when nobody has anything to do: a lease is over by then, and no message is held back any more. */
const pauseSeconds = 91;

export interface CrashRunOptions {
  readonly plan: WorkerPlan;
  readonly knowsCrc32s?: boolean;
  /** Messages worked on at a time, each by a process of its own; none: one. */
  readonly concurrency?: number;
  /** Has each message given to two workers. */
  readonly isTwice?: boolean;
}

/** What workers asked of S3. */
export interface Traffic {
  readonly requests: number;
  /** Bodies of requests and answers. */
  readonly movedBytes: number;
  /** Copied inside S3. */
  readonly copiedBytes: number;
}

/** The assembly of one ball by worker processes, which are called as Lambda's event source mapping calls a function. */
export class CrashRun {
  readonly assembly: AssemblyRun;
  readonly workers: WorkerProcesses;
  /** Workers that ended without an answer. */
  deathCount = 0;
  /** Messages that workers gave back. */
  failureCount = 0;
  readonly #servers: CrashServers;
  readonly #options: CrashRunOptions;
  readonly #sentAgain = new Set<string>();

  private constructor(servers: CrashServers, assembly: AssemblyRun, options: CrashRunOptions) {
    this.assembly = assembly;
    this.workers = servers.workers(options.plan);
    this.#servers = servers;
    this.#options = options;
  }

  /** A ball whose assembly has been asked for. */
  static async of(
    servers: CrashServers,
    source: Omit<FaultyBall, "bytesOf">,
    options: CrashRunOptions,
  ): Promise<CrashRun> {
    const { plan, knowsCrc32s = false } = options;
    const { s3, dynamodb, archivesBucket, proxy, queue } = servers;
    const context = { planOptions: workerPlans[plan] };
    const assembly = await AssemblyRun.of(s3, dynamodb, source, { knowsCrc32s, archivesBucket, context });
    const run = new CrashRun(servers, assembly, options);
    const work = assembly.messages.splice(0).map((message) => message.work);
    await createAssemblyQueue(queue.client, queue.url).send(work);
    proxy.requests.splice(0);
    return run;
  }

  /** Until the queue is empty. Where nobody has anything to do, time passes. */
  async untilDone(): Promise<void> {
    const { concurrency = 1 } = this.#options;
    const calls = new Set<Promise<void>>();
    for (;;) {
      const message = calls.size < concurrency ? await this.#receive() : undefined;
      if (message !== undefined) {
        const call = this.#handle(message).finally(() => calls.delete(call));
        calls.add(call);
      } else if (calls.size > 0) {
        await Promise.race(calls);
      } else {
        // What a worker had begun when it was killed comes to its end meanwhile.
        await this.#servers.proxy.idle();
        if (await this.#isQueueEmpty()) return;
        vi.setSystemTime(Date.now() + pauseSeconds * 1000);
      }
    }
  }

  /** Removes the archive, so that the next run of a file finds the bucket empty. */
  async remove(): Promise<void> {
    const { s3, archivesBucket: Bucket } = this.#servers;
    const { objects } = await this.assembly.left();
    for (const Key of objects) await s3.client.send(new DeleteObjectCommand({ Bucket, Key }));
  }

  /** What the workers have asked of S3 since the beginning. */
  get traffic(): Traffic {
    const { requests } = this.#servers.proxy;
    const sum = (bytesOf: (request: WorkerRequest) => number) =>
      requests.reduce((total, request) => total + bytesOf(request), 0);
    return {
      requests: requests.length,
      movedBytes: sum(({ sentBytes, receivedBytes }) => sentBytes + receivedBytes),
      copiedBytes: sum(({ copiedBytes }) => copiedBytes),
    };
  }

  async #receive(): Promise<Message | undefined> {
    const { client, url } = this.#servers.queue;
    const command = new ReceiveMessageCommand({ QueueUrl: url, MessageSystemAttributeNames: ["All"] });
    const [message] = (await client.send(command)).Messages ?? [];
    return message;
  }

  async #handle(message: Message): Promise<void> {
    const { client, url, arn } = this.#servers.queue;
    await this.#sendAgain(message);
    try {
      const answer = await this.workers.call(sqsEvent([message], arn, "eu-central-1"));
      if (failedMessageIds(answer, [message]).size > 0) this.failureCount += 1;
      else
        await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message.ReceiptHandle }));
    } catch (error) {
      if (!(error instanceof WorkerEnded)) throw error;
      this.deathCount += 1;
    }
  }

  async #sendAgain({ Body = "" }: Message): Promise<void> {
    if (this.#options.isTwice !== true || this.#sentAgain.has(Body)) return;
    this.#sentAgain.add(Body);
    const { client, url } = this.#servers.queue;
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: Body }));
  }

  async #isQueueEmpty(): Promise<boolean> {
    const { client, url } = this.#servers.queue;
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...messageCounts] });
    const { Attributes = {} } = await client.send(command);
    return messageCounts.every((name) => Attributes[name] === "0");
  }
}

/** Those that wait, those that somebody received, and those that are to wait. */
const messageCounts = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
] as const;

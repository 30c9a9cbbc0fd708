import { randomUUID } from "node:crypto";
import { GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { AssemblyContext, Invocation, Outcome } from "../../lambdas/assembly/assembly-context.ts";
import { doWork } from "../../lambdas/assembly/do-work.ts";
import {
  type AssemblyQueue,
  type AssemblyStore,
  type AssemblyWork,
  firstWork,
  type ReceivedWork,
} from "../../lambdas/ball/assembly.ts";
import type { Ball, BallStore } from "../../lambdas/ball/ball.ts";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { createAssemblyStore } from "../../lambdas/storage/dynamodb/assembly-store.ts";
import { createBallStore } from "../../lambdas/storage/dynamodb/ball-store.ts";
import { createArchiveBucket } from "../../lambdas/storage/s3/archive-bucket.ts";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { ballsTable } from "../../local/tables.ts";
import type { FaultyBall } from "../faults/faulty-ball.ts";
import type { TestDynamodb } from "../support/dynamodb.ts";
import { ballOf } from "../support/manifests.ts";
import { MemoryContents } from "../support/memory-contents.ts";
import type { TestS3 } from "../support/s3.ts";

/** A message of the queue, with how often it was received. */
interface Message {
  readonly work: ReceivedWork;
  receiveCount: number;
  /** How long it was to wait. */
  readonly delaySeconds: number;
}

/** The assembly of one ball, worked on message by message, with an S3 and a DynamoDB as they are on one machine. */
export class AssemblyRun implements AssemblyQueue {
  readonly context: AssemblyContext;
  readonly ball: Ball;
  readonly store: BallStore;
  readonly assemblies: AssemblyStore;
  readonly archivesBucket: string;
  readonly outcomes: Outcome[] = [];
  /** What came to the dead-letter queue. */
  readonly dead: ReceivedWork[] = [];
  /** What failed, in order. */
  readonly failures: unknown[] = [];
  readonly messages: Message[] = [];
  /** Time each worker has. */
  remainingMs: () => number = () => 900_000;
  readonly #s3: TestS3;
  #workers = 0;

  private constructor(
    s3: TestS3,
    dynamodb: TestDynamodb,
    ball: Ball,
    archivesBucket: string,
    more: Partial<AssemblyContext>,
  ) {
    this.#s3 = s3;
    this.ball = ball;
    this.archivesBucket = archivesBucket;
    const client = dynamodb.newClient();
    this.store = createBallStore(client, ballsTable);
    this.assemblies = createAssemblyStore(client, ballsTable);
    this.context = {
      store: this.store,
      assemblies: this.assemblies,
      archives: createArchiveBucket(s3.client, archivesBucket),
      queue: this,
      reader: createSourceReader(s3.client),
      contents: new MemoryContents(),
      ...more,
    };
  }

  /** A ball that is to be assembled, with the CRC-32s that are told to be known. */
  static async of(
    s3: TestS3,
    dynamodb: TestDynamodb,
    { manifest, layout, crc32s }: Pick<FaultyBall, "manifest" | "layout" | "crc32s">,
    options: {
      readonly knowsCrc32s?: boolean;
      readonly context?: Partial<AssemblyContext>;
      readonly ball?: Partial<Ball>;
      /** One that is there already; none: a new one. */
      readonly archivesBucket?: string;
    } = {},
  ): Promise<AssemblyRun> {
    const inOneHour = Math.floor(Date.now() / 1000) + 3600;
    const ball: Ball = {
      ...ballOf(manifest),
      lengthBytes: layout.lengthBytes,
      delivery: "assemble",
      expiresAtEpochSeconds: inOneHour,
      ...options.ball,
    };
    const archivesBucket = options.archivesBucket ?? (await s3.newBucket());
    const run = new AssemblyRun(s3, dynamodb, ball, archivesBucket, options.context ?? {});
    const known = options.knowsCrc32s === false ? new Crc32Column(manifest.entryCount) : crc32s;
    await run.store.put(ball, manifest, known);
    await run.send([firstWork(ball)]);
    return run;
  }

  async send(work: readonly AssemblyWork[], delaySeconds = 0): Promise<void> {
    this.messages.push(
      ...work.map((one) => ({ work: { ...one, id: randomUUID() }, receiveCount: 0, delaySeconds })),
    );
  }

  /** Puts what is in the dead-letter queue back, as it is. */
  redrive(): void {
    this.messages.push(...this.dead.splice(0).map((work) => ({ work, receiveCount: 0, delaySeconds: 0 })));
  }

  /** Takes the next message out of the queue. Throws: Error when it is empty. */
  take(): Message {
    const message = this.messages.shift();
    if (message === undefined) throw new Error("There is no message");
    return message;
  }

  /** One message, by one worker; what fails goes back into the queue, six times at most. */
  async step(message: Message, invocation: Partial<Invocation> = {}): Promise<void> {
    message.receiveCount += 1;
    this.#workers += 1;
    const { receiveCount, work } = message;
    const worker = `worker ${this.#workers}`;
    const { remainingMs } = this;
    const holdMessage = async () => undefined;
    try {
      const told = { worker, receiveCount, remainingMs, holdMessage, ...invocation };
      this.outcomes.push(await doWork(this.context, work, told));
    } catch (error) {
      this.failures.push(error);
      if (receiveCount < 6) this.messages.push(message);
      else this.dead.push(work);
    }
  }

  /** Until the queue is empty, one message after the other; `pass` lets time pass, before a message that was to wait. */
  async untilDone(pass: (seconds: number) => void = () => undefined): Promise<void> {
    for (let message = this.messages.shift(); message !== undefined; message = this.messages.shift()) {
      if (message.delaySeconds > 0) pass(message.delaySeconds);
      await this.step(message);
    }
  }

  /** The archive, as it is in S3. */
  async archive(): Promise<Buffer> {
    const present = (await this.store.get(this.ball.ballId)) ?? this.ball;
    const assembly = await this.assemblies.find(present);
    if (assembly?.archive === undefined)
      throw new Error(`The assembly is ${assembly?.state}: ${assembly?.failure}`);
    const get = new GetObjectCommand({ Bucket: this.archivesBucket, Key: assembly.archive.key });
    const { Body } = await this.#s3.client.send(get);
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  /** Keys of all objects in the bucket of archives, and of all uploads that are not completed. */
  async left(): Promise<{ readonly objects: string[]; readonly uploads: string[] }> {
    const Bucket = this.archivesBucket;
    const { Contents = [] } = await this.#s3.client.send(new ListObjectsV2Command({ Bucket }));
    const { Uploads = [] } = await this.#s3.client.send(new ListMultipartUploadsCommand({ Bucket }));
    return { objects: Contents.map(({ Key = "" }) => Key), uploads: Uploads.map(({ Key = "" }) => Key) };
  }
}

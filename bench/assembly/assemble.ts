import type { SQSEvent } from "aws-lambda";
import { z } from "zod";
import { frugalProcess } from "../../infra/frugal-process.ts";
import { type AssembledArchive, firstWork } from "../../lambdas/ball/assembly.ts";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import type { AssemblerVariables } from "../../lambdas/env.ts";
import { createAssemblyStore } from "../../lambdas/storage/dynamodb/assembly-store.ts";
import { createBallStore } from "../../lambdas/storage/dynamodb/ball-store.ts";
import { createAssemblyQueue } from "../../lambdas/storage/sqs/assembly-queue.ts";
import { mapQueue } from "../../local/events/event-source-mapping.ts";
import { lambdaTimeoutMs } from "../../local/lambda-caps.ts";
import { ballsTable, catalogTable } from "../../local/tables.ts";
import { account, accountVariables, archivesBucket } from "./account.ts";
import type { BenchBall } from "./bench-ball.ts";
import type { Servers } from "./servers.ts";
import type { Taken } from "./taken.ts";
import { Workers } from "./workers.ts";

export interface AssembleOptions {
  readonly servers: Servers;
  readonly ball: BenchBall;
  /** The worker's. */
  readonly program: URL;
  readonly workerCount: number;
}

/**
 * Has workers assemble the ball, called by their queue as Lambda calls them. Nothing is known of its objects' CRC-32s. The clock
 * starts with the first message, when all workers are ready, and stops when the archive is complete.
 * Throws: Error when a worker gives a message back.
 */
export async function assemble(options: AssembleOptions): Promise<{ key: string; taken: Taken }> {
  const { servers, ball, program, workerCount } = options;
  const { ball: made, manifest } = ball;
  await createBallStore(servers.dynamodb, ballsTable).put(made, manifest, new Crc32Column(made.entryCount));
  const environment = { ...frugalProcess, ...accountVariables, ...variablesOf(servers) };
  const workers = await Workers.start({ program, count: workerCount, environment });
  try {
    await servers.traffic();
    const begin = performance.now();
    const archive = await untilComplete(servers, made, workers, workerCount);
    const seconds = (performance.now() - begin) / 1000;
    const traffic = await servers.traffic();
    const { answers } = workers;
    const taken = {
      lengthBytes: archive.lengthBytes,
      traffic,
      seconds,
      workerSeconds: answers.reduce((sum, answer) => sum + answer.seconds, 0),
      cpuSeconds: answers.reduce((sum, answer) => sum + answer.cpuSeconds, 0),
      peakBytes: Math.max(...answers.map(({ peakBytes }) => peakBytes)),
    };
    return { key: archive.key, taken };
  } finally {
    await workers.stop();
  }
}

async function untilComplete(
  { queue, dynamodb }: Servers,
  ball: Ball,
  workers: Workers,
  concurrency: number,
): Promise<AssembledArchive> {
  const assemblies = createAssemblyStore(dynamodb, ballsTable);
  const { promise, resolve, reject } = Promise.withResolvers<AssembledArchive>();
  const handler = async (event: SQSEvent) => {
    const answer = await workers.call(event);
    if (givenBack.parse(answer).batchItemFailures.length > 0)
      reject(new Error("A worker gave a message back; it says why above"));
    const archive = (await assemblies.find(ball))?.archive;
    if (archive !== undefined) resolve(archive);
    return answer;
  };
  const stop = mapQueue({
    ...{ queue, handler, concurrency },
    region: account.region,
    functionName: "assembler",
    batchSize: 1,
    functionTimeoutMs: lambdaTimeoutMs,
    report: ({ error }) => reject(error),
  });
  try {
    await createAssemblyQueue(queue.client, queue.url).send([firstWork(ball)]);
    return await promise;
  } finally {
    await stop();
  }
}

const givenBack = z.object({ batchItemFailures: z.array(z.unknown()) });

/** As the worker is deployed (infra/function-plans.ts). */
const memoryMib = 1769;

function variablesOf({ s3Endpoint, dynamodbEndpoint, sqsEndpoint, queue }: Servers) {
  return {
    S3_ENDPOINT: s3Endpoint,
    DYNAMODB_ENDPOINT: dynamodbEndpoint,
    SQS_ENDPOINT: sqsEndpoint,
    ASSEMBLY_QUEUE_URL: queue.url,
    BALLS_TABLE: ballsTable,
    CATALOG_TABLE: catalogTable,
    ARCHIVES_BUCKET: archivesBucket,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMib),
  } satisfies AssemblerVariables;
}

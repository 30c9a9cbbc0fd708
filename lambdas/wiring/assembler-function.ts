import { randomUUID } from "node:crypto";
import { Logger } from "@aws-lambda-powertools/logger";
import type { AssemblyContext } from "../assembly/assembly-context.ts";
import { doWork } from "../assembly/do-work.ts";
import { hasLittleMemory, limitsFor } from "../delivery/stream-limits.ts";
import type { AssemblerEnv } from "../env.ts";
import { batchFunction } from "../queue/batch-function.ts";
import { createAssemblyStore } from "../storage/dynamodb/assembly-store.ts";
import { createBallStore } from "../storage/dynamodb/ball-store.ts";
import { createDynamoDbClient } from "../storage/dynamodb/client.ts";
import { createKnownContents } from "../storage/dynamodb/known-contents.ts";
import { createArchiveBucket } from "../storage/s3/archive-bucket.ts";
import { createCopyingS3Client, createS3Client } from "../storage/s3/client.ts";
import { createSourceReader } from "../storage/s3/source-reader.ts";
import { createAssemblyQueue } from "../storage/sqs/assembly-queue.ts";
import { parseAssemblyWork } from "../storage/sqs/assembly-work.ts";
import { createSqsClient } from "../storage/sqs/client.ts";
import { holdMessage } from "../storage/sqs/hold-message.ts";
import { keepHeapSmall } from "./frugal-heap.ts";

/**
 * What the queue of assembly work calls with one piece at a time. `planOptions` has small archives planned as large ones
 * are; all workers of a queue have the same.
 */
export function assemblerFunction(
  env: AssemblerEnv,
  planOptions: NonNullable<AssemblyContext["planOptions"]> = {},
): ReturnType<typeof batchFunction> {
  const memoryMib = env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
  if (hasLittleMemory(memoryMib)) keepHeapSmall();
  const logger = new Logger({ serviceName: "assembler" });
  const dynamoDb = createDynamoDbClient(env.DYNAMODB_ENDPOINT);
  const sqs = createSqsClient(env.SQS_ENDPOINT);
  const queueUrl = env.ASSEMBLY_QUEUE_URL;
  const context: AssemblyContext = {
    store: createBallStore(dynamoDb, env.BALLS_TABLE),
    assemblies: createAssemblyStore(dynamoDb, env.BALLS_TABLE),
    archives: createArchiveBucket(createCopyingS3Client(env.S3_ENDPOINT), env.ARCHIVES_BUCKET),
    queue: createAssemblyQueue(sqs, queueUrl),
    reader: createSourceReader(createS3Client(env.S3_ENDPOINT)),
    contents: createKnownContents(dynamoDb, env.CATALOG_TABLE),
    limits: limitsFor(memoryMib),
    partsInMemory: env.PARTS_IN_MEMORY,
    planOptions,
  };
  return batchFunction(logger, async ({ body, receiptHandle, receiveCount }, { remainingMs }) => {
    const work = parseAssemblyWork(body);
    const hold = (seconds: number) => holdMessage(sqs, { queueUrl, receiptHandle }, seconds);
    const invocation = { worker: randomUUID(), receiveCount, remainingMs, holdMessage: hold };
    const outcome = await doWork(context, work, invocation);
    // An alarm counts these lines. Without the ball's id: whoever knows that may download.
    const { task, group, attempt, generation } = work;
    if (outcome === "stalls") logger.warn("An assembly stalls", { task, group, attempt, generation });
  });
}

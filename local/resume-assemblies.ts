import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, ScanCommand, type ScanCommandOutput } from "@aws-sdk/lib-dynamodb";
import { remainingWork } from "../lambdas/assembly/remaining-work.ts";
import { type AssemblyQueue, type AssemblyStore, firstWork } from "../lambdas/ball/assembly.ts";
import type { Ball } from "../lambdas/ball/ball.ts";
import { createAssemblyStore } from "../lambdas/storage/dynamodb/assembly-store.ts";
import { decodeHead, headItem } from "../lambdas/storage/dynamodb/ball-items.ts";
import { createAssemblyQueue } from "../lambdas/storage/sqs/assembly-queue.ts";
import type { ReportFailure } from "./api-gateway/invocation.ts";
import type { Services } from "./endpoints.ts";
import type { Endpoints } from "./servers.ts";
import { ballsTable } from "./tables.ts";

/** Has archives assembled in the background whose work was lost. Answers what ends it. */
export function startResuming(
  services: Services,
  endpoints: Kept,
  report: ReportFailure,
): () => Promise<void> {
  const stop = new AbortController();
  const work = resumeAssemblies(services, endpoints, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) report({ functionName: "assembler", requestId: randomUUID(), error });
  });
  return async () => {
    stop.abort();
    await work;
  };
}

/** Where balls and work are kept. */
type Kept = Pick<Endpoints, "dynamodb" | "assembly">;

/**
 * Asks again for the work that was lost when the stack ended, because the embedded SQS keeps its messages in memory. Where
 * another server keeps the messages nothing is lost, and where another keeps the balls some may be somebody else's: then
 * nothing is done. All balls are looked at, which takes its time.
 */
export async function resumeAssemblies(
  { region, credentials, sqsEndpoint, dynamodbEndpoint }: Services,
  { dynamodb, assembly }: Kept,
  signal: AbortSignal,
): Promise<void> {
  if (sqsEndpoint !== undefined || dynamodbEndpoint !== undefined) return;
  const client = new DynamoDBClient({ endpoint: dynamodb, region, credentials });
  const dynamoDb = DynamoDBDocumentClient.from(client);
  const assemblies = createAssemblyStore(dynamoDb, ballsTable);
  const queue = createAssemblyQueue(assembly.client, assembly.url);
  const now = Math.floor(Date.now() / 1000);
  try {
    for await (const ball of assembledBalls(dynamoDb, signal)) {
      if (ball.expiresAtEpochSeconds > now) await resume(ball, assemblies, queue);
    }
  } finally {
    client.destroy();
  }
}

/** Asks for what is not done of a ball's assembly; of a compressed one that is all or nothing. */
async function resume(ball: Ball, assemblies: AssemblyStore, queue: AssemblyQueue): Promise<void> {
  const assembly = await assemblies.find(ball);
  if (assembly === undefined) return await queue.send([firstWork(ball)]);
  const { state, attempt } = assembly;
  if (state !== "assembling") return;
  if (ball.compression === "deflate") return await queue.send([firstWork(ball, attempt)]);
  await queue.send(remainingWork(ball, assembly, await assemblies.groups(ball, attempt)));
}

/** Every ball that is to be assembled, or was. */
async function* assembledBalls(
  dynamoDb: DynamoDBDocumentClient,
  abortSignal: AbortSignal,
): AsyncGenerator<Ball> {
  let page: Partial<ScanCommandOutput> = {};
  do {
    const command = new ScanCommand({
      TableName: ballsTable,
      FilterExpression: "#item = :head AND delivery = :assemble",
      ExpressionAttributeNames: { "#item": "item" },
      ExpressionAttributeValues: { ":head": headItem, ":assemble": "assemble" satisfies Ball["delivery"] },
      ExclusiveStartKey: page.LastEvaluatedKey,
    });
    page = await dynamoDb.send(command, { abortSignal });
    for (const item of page.Items ?? []) yield decodeHead(item);
  } while (page.LastEvaluatedKey !== undefined);
}

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { assemblyQueue, openQueue, type Queue } from "../../local/events/queue.ts";
import { startChild } from "../child.ts";
import { type BenchObject, writeObjectSet } from "../stream/object-set.ts";
import { account, archivesBucket, sourceBucket } from "./account.ts";
import { type Traffic, trafficSchema } from "./traffic.ts";

/** What contestants talk to: an S3 with objects in it, a DynamoDB, and a queue of work, in two processes. */
export interface Servers {
  readonly s3Endpoint: string;
  readonly dynamodbEndpoint: string;
  readonly sqsEndpoint: string;
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBDocumentClient;
  readonly queue: Queue;
  /** What S3 was asked since this was last asked for. */
  traffic(): Promise<Traffic>;
  /** Ends them and removes all they kept. */
  stop(): Promise<void>;
}

const { region, ...credentials } = account;

/** Starts them with everything below `folder`. */
export async function startServers(folder: string, objects: readonly BenchObject[]): Promise<Servers> {
  mkdirSync(folder, { recursive: true });
  const setFile = join(folder, "objects.json");
  writeObjectSet(setFile, { bucket: sourceBucket, objects });
  const s3Process = await startChild({
    program: new URL("./s3-process.ts", import.meta.url),
    input: { dataDir: join(folder, "s3"), setFile },
    answer: z.object({ endpoint: z.url() }),
  });
  const tables = await startChild({
    program: new URL("./tables-process.ts", import.meta.url),
    input: { folder: join(folder, "dynamodb") },
    answer: z.object({ dynamodbEndpoint: z.url(), sqsEndpoint: z.url() }),
  });
  const { dynamodbEndpoint, sqsEndpoint } = tables.answer;
  const s3Endpoint = s3Process.answer.endpoint;
  const s3 = new S3Client({ endpoint: s3Endpoint, region, credentials, forcePathStyle: true });
  const dynamodb = new DynamoDBClient({ endpoint: dynamodbEndpoint, region, credentials });
  const queue = await openQueue(
    { s3Endpoint, dynamodbEndpoint, sqsEndpoint, bucket: sourceBucket, archivesBucket, region, credentials },
    sqsEndpoint,
    assemblyQueue,
  );
  return {
    ...{ s3Endpoint, dynamodbEndpoint, sqsEndpoint, s3, queue },
    dynamodb: DynamoDBDocumentClient.from(dynamodb),
    traffic: async () => trafficSchema.parse(await s3Process.ask("traffic")),
    stop: async () => {
      for (const client of [s3, dynamodb, queue.client]) client.destroy();
      await Promise.all([s3Process.stop(), tables.stop()]);
      rmSync(folder, { recursive: true });
    },
  };
}

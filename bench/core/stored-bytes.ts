import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { createBallStore } from "../../lambdas/storage/dynamodb/ball-store.ts";
import { startLocalDynamodb } from "../../local/dynamodb.ts";
import { ballsTable, createTables } from "../../local/tables.ts";
import { type PinKind, realisticCrc32s, realisticManifest } from "./realistic-manifest.ts";

export interface StoredBytesInput {
  readonly workDir: string;
  readonly entryCount: number;
  readonly pinKind: PinKind;
}

/** Bytes an entry of what the store really writes for a ball: manifest and CRC-32s, all items together. */
export async function storedBytesAnEntry({
  workDir,
  entryCount,
  pinKind,
}: StoredBytesInput): Promise<number> {
  const server = await startLocalDynamodb({ folder: mkdtempSync(join(workDir, "dynamodb-")), port: 0 });
  const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
  const client = new DynamoDBClient({ endpoint: server.endpoint, region: "us-east-1", credentials });
  try {
    await createTables(client);
    const documents = DynamoDBDocumentClient.from(client);
    const ball = { ...emptyBall, entryCount };
    const manifest = realisticManifest(entryCount, pinKind);
    await createBallStore(documents, ballsTable).put(ball, manifest, realisticCrc32s(entryCount));
    return (await payloadBytes(documents, ball.ballId)) / entryCount;
  } finally {
    client.destroy();
    await server.close();
  }
}

async function payloadBytes(client: DynamoDBDocumentClient, ballId: string): Promise<number> {
  const query = {
    TableName: ballsTable,
    KeyConditionExpression: "ballId = :ballId",
    ExpressionAttributeValues: { ":ballId": ballId },
  };
  let total = 0;
  for await (const { Items } of paginateQuery({ client }, query)) {
    for (const { bytes } of items.parse(Items)) total += bytes?.length ?? 0;
  }
  return total;
}

const items = z.array(z.object({ bytes: z.instanceof(Uint8Array).optional() }));

const emptyBall: Omit<Ball, "entryCount"> = {
  ballId: "00000000-0000-4000-8000-000000000000",
  bucket: "bench",
  createdAtEpochSeconds: 1_770_000_000,
  expiresAtEpochSeconds: 1_780_000_000,
  lifetimeFromStartSeconds: undefined,
  startedAtEpochSeconds: undefined,
  fileName: "bench.zip",
  tokenId: "token",
  delivery: "stream",
  compression: "stored",
  planNumber: 0,
  plannedAtEpochSeconds: 1_770_000_000,
  etag: '"bench"',
  lengthBytes: 1,
  fileCount: 1,
  skippedFileCount: 0,
  skippedFolderCount: 0,
};

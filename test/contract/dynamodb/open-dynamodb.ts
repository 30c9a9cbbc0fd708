import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll } from "vitest";
import { startLocalDynamodb } from "../../../local/dynamodb.ts";

/** The server under contract, and a table of its own with the keys of the balls: `ballId` and `item`, both text. */
export interface DynamodbUnderTest {
  readonly documents: DynamoDBDocumentClient;
  readonly table: string;
}

/**
 * Opens the server for the tests of one file: the embedded one, or the one that CONTRACT_DYNAMODB_ENDPOINT names
 * (`aws` for AWS itself), with the environment's credentials.
 */
export function openDynamodb(): DynamodbUnderTest {
  const table = `zipball-contract-${randomUUID()}`;
  const opened: { documents?: DynamoDBDocumentClient; close?: () => Promise<void> } = {};
  beforeAll(async () => {
    const { client, close } = await connect();
    await createTable(client, table);
    opened.documents = DynamoDBDocumentClient.from(client);
    opened.close = async () => {
      await client.send(new DeleteTableCommand({ TableName: table }));
      client.destroy();
      await close();
    };
  });
  afterAll(() => opened.close?.());
  return {
    table,
    get documents() {
      if (opened.documents === undefined) throw new Error("The server is opened before the first test");
      return opened.documents;
    },
  };
}

async function connect(): Promise<{ client: DynamoDBClient; close: () => Promise<void> }> {
  const endpoint = process.env.CONTRACT_DYNAMODB_ENDPOINT;
  if (endpoint === "aws") return { client: new DynamoDBClient({}), close: async () => {} };
  if (endpoint !== undefined) return { client: new DynamoDBClient({ endpoint }), close: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), "zipball-dynamodb-"));
  const server = await startLocalDynamodb({ folder, port: 0 });
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint: server.endpoint, region: "us-east-1", credentials });
  const close = async () => {
    await server.close();
    await rm(folder, { recursive: true });
  };
  return { client, close };
}

async function createTable(client: DynamoDBClient, table: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "ballId", AttributeType: "S" },
        { AttributeName: "item", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "ballId", KeyType: "HASH" },
        { AttributeName: "item", KeyType: "RANGE" },
      ],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 2 }, { TableName: table });
}

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";
import dynalite from "dynalite";
import { afterAll, beforeAll } from "vitest";
import { closeServer, listenOnLoopback } from "../../local/loopback.ts";
import { createTables } from "../../local/tables.ts";

/** An embedded DynamoDB, kept in memory, with the stack's tables. */
export interface TestDynamodb {
  readonly endpoint: string;
  /** A client of its own, for a test that puts middleware into it. */
  newClient(): DynamoDBDocumentClient;
  /** All items of a table. */
  scan(table: string): Promise<Record<string, unknown>[]>;
}

/** Starts it for the tests of one file. The function it returns may be called inside tests and hooks. */
export function testDynamodb(): () => TestDynamodb {
  const server = dynalite({ createTableMs: 0 });
  const clients: DynamoDBClient[] = [];
  let endpoint: string | undefined;
  const newClient = () => {
    if (endpoint === undefined) throw new Error("The server is started before the first test");
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
    clients.push(client);
    return DynamoDBDocumentClient.from(client);
  };
  const scan = async (table: string) => {
    const items: Record<string, unknown>[] = [];
    for await (const page of paginateScan({ client: newClient() }, { TableName: table })) {
      items.push(...(page.Items ?? []));
    }
    return items;
  };
  beforeAll(async () => {
    endpoint = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
    await createTables(newClient());
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await closeServer(server);
  });
  return () => {
    if (endpoint === undefined) throw new Error("The server is started before the first test");
    return { endpoint, newClient, scan };
  };
}

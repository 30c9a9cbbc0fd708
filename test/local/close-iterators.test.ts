import { DynamoDBClient, PutItemCommand, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { AbstractLevel } from "abstract-level";
import { expect, onTestFinished, test, vi } from "vitest";
import { startLocalDynamodb } from "../../local/dynamodb.ts";
import { catalogTable, createTables } from "../../local/tables.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const TableName = catalogTable;

test("what DynamoDB is asked leaves nothing open in the database", async () => {
  const dynamodb = await filledDynamodb();
  const count = openedCount();
  const query = async (subject: string, Limit?: number) => {
    const ExpressionAttributeValues = { ":subject": { S: subject } };
    const KeyConditionExpression = "subject = :subject";
    const input = { TableName, KeyConditionExpression, ExpressionAttributeValues, Limit };
    return (await dynamodb.send(new QueryCommand(input))).Count;
  };
  expect(await query("a")).toBe(3);
  // Fewer than there are: the iterator has not come to its end.
  expect(await query("a", 1)).toBe(1);
  expect(await query("b")).toBe(0);
  expect((await dynamodb.send(new ScanCommand({ TableName }))).Count).toBe(3);
  expect(count().opened).toBeGreaterThanOrEqual(4);
  await expect.poll(() => count().open).toBe(0);
});

/** With three items of the subject "a". */
async function filledDynamodb(): Promise<DynamoDBClient> {
  const server = await startLocalDynamodb({ folder: temporaryFolder(), port: 0 });
  onTestFinished(() => server.close());
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const dynamodb = new DynamoDBClient({ endpoint: server.endpoint, region: "eu-central-1", credentials });
  onTestFinished(() => dynamodb.destroy());
  await createTables(dynamodb);
  for (const item of ["1", "2", "3"]) {
    await dynamodb.send(new PutItemCommand({ TableName, Item: { subject: { S: "a" }, item: { S: item } } }));
  }
  return dynamodb;
}

/** Counts what is opened from now on: a database keeps a list of what it has to close in the end. */
function openedCount(): () => { readonly opened: number; readonly open: number } {
  const attached = vi.spyOn(AbstractLevel.prototype, "attachResource");
  const detached = vi.spyOn(AbstractLevel.prototype, "detachResource");
  onTestFinished(() => {
    attached.mockRestore();
    detached.mockRestore();
  });
  return () => {
    const opened = new Set(attached.mock.calls.map(([resource]) => resource));
    const closed = new Set(detached.mock.calls.map(([resource]) => resource));
    return { opened: opened.size, open: [...opened].filter((resource) => !closed.has(resource)).length };
  };
}

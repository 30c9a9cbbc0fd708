import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";

export const ballsTable = "zipball-balls";
export const tokensTable = "zipball-tokens";
export const catalogTable = "zipball-catalog";
export const ratesTable = "zipball-rates";

/** Creates the stack's tables where they are missing, with the keys that infra/ gives them in AWS. */
export async function createTables(client: DynamoDBClient): Promise<void> {
  await createTable(client, { name: ballsTable, partitionKey: "ballId", sortKey: "item" });
  await createTable(client, { name: tokensTable, partitionKey: "tokenHash" });
  await createTable(client, { name: catalogTable, partitionKey: "subject", sortKey: "item" });
  await createTable(client, { name: ratesTable, partitionKey: "window" });
}

interface TableKeys {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey?: string;
}

async function createTable(client: DynamoDBClient, table: TableKeys): Promise<void> {
  if (await exists(client, table.name)) return;
  await client.send(new CreateTableCommand(definition(table)));
  await waitUntilTableExists(
    { client, minDelay: 1, maxDelay: 1, maxWaitTime: 60 },
    { TableName: table.name },
  );
}

async function exists(client: DynamoDBClient, name: string): Promise<boolean> {
  try {
    await client.send(new DescribeTableCommand({ TableName: name }));
    return true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}

function definition({ name, partitionKey, sortKey }: TableKeys): CreateTableCommandInput {
  const keys = [partitionKey, ...(sortKey === undefined ? [] : [sortKey])];
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: "S" })),
    KeySchema: keys.map((key, index) => ({ AttributeName: key, KeyType: index === 0 ? "HASH" : "RANGE" })),
  };
}

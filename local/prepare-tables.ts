import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { hashToken } from "../lambdas/storage/dynamodb/token-store.ts";
import type { Services } from "./endpoints.ts";
import { foreignProblem } from "./start-problem.ts";
import { createTables, tokensTable } from "./tables.ts";

/**
 * Creates the tables and lets the token in, for its one bucket. Only the token's SHA-256 is stored, as in AWS.
 * Throws: StartProblem when a DynamoDB that is not embedded does not do as asked.
 */
export async function prepareTables(options: {
  readonly services: Services;
  readonly endpoint: string;
  readonly token: string;
}): Promise<void> {
  const { services, endpoint, token } = options;
  const { region, credentials, bucket, dynamodbEndpoint } = services;
  const client = new DynamoDBClient({ endpoint, region, credentials });
  try {
    await createTables(client);
    const item = { tokenHash: hashToken(token), bucket, requestsPerMinute };
    const put = new PutCommand({ TableName: tokensTable, Item: item });
    await DynamoDBDocumentClient.from(client).send(put);
  } catch (error) {
    throw dynamodbEndpoint === undefined ? error : foreignProblem("DynamoDB", endpoint, error);
  } finally {
    client.destroy();
  }
}

/** Whoever runs the stack is alone with it: tests and benchmarks ask often, and nobody else waits. */
const requestsPerMinute = 1_000_000;

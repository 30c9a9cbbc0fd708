import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { startLocalDynamodb } from "../../local/dynamodb.ts";
import { startLocalSqs } from "../../local/sqs.ts";
import { createTables } from "../../local/tables.ts";
import { answerWith, inputOf } from "../child.ts";
import { account } from "./account.ts";

/** The local DynamoDB, with the stack's tables, and the local SQS, in a process of their own. */

const { folder } = inputOf(z.object({ folder: z.string() }));
const { region, ...credentials } = account;
const dynamodb = await startLocalDynamodb({ folder, port: 0 });
const sqs = await startLocalSqs({ region, port: 0 });
const client = new DynamoDBClient({ endpoint: dynamodb.endpoint, region, credentials });
await createTables(client);
client.destroy();
process.once("disconnect", () => process.exit());
answerWith({ dynamodbEndpoint: dynamodb.endpoint, sqsEndpoint: sqs.endpoint });

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";

const connectionTimeoutMs = 3_000;
/** An answer takes milliseconds; one that does not come is asked for again, by the SDK. */
const requestTimeoutMs = 8_000;

/** The DynamoDB client of a process. `endpoint` names a server other than AWS. */
export function createDynamoDbClient(endpoint: string | undefined): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(
    new DynamoDBClient({
      ...(endpoint === undefined ? {} : { endpoint }),
      requestHandler: new NodeHttpHandler({
        connectionTimeout: connectionTimeoutMs,
        requestTimeout: requestTimeoutMs,
        throwOnRequestTimeout: true,
      }),
    }),
  );
}

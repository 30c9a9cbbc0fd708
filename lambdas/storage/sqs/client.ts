import { SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";

const connectionTimeoutMs = 3_000;
/** An answer takes milliseconds; one that does not come is asked for again, by the SDK. */
const requestTimeoutMs = 8_000;

/** The SQS client of a process. `endpoint` names a server other than AWS. */
export function createSqsClient(endpoint: string | undefined): SQSClient {
  return new SQSClient({
    ...(endpoint === undefined ? {} : { endpoint }),
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    }),
  });
}

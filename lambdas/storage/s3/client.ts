import { S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";

/** Sockets to S3 for all but bodies, which have their own (object-client.ts). The SDK's own default is 50. */
const maxSockets = 128;
/** A socket on which nothing arrives for so long is given up, and the request repeated. */
const socketTimeoutMs = 30_000;
const connectionTimeoutMs = 5_000;

/** The S3 client of a process. `endpoint` names a server other than AWS, addressed by path. */
export function createS3Client(endpoint: string | undefined): S3Client {
  return new S3Client({
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: 4,
    requestHandler: new NodeHttpHandler({
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
      connectionTimeout: connectionTimeoutMs,
      socketTimeout: socketTimeoutMs,
    }),
    // No body comes this way.
    responseChecksumValidation: "WHEN_REQUIRED",
  });
}

import { S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { hideBalls } from "./hide-balls.ts";

/** Sockets to S3 for all but bodies, which have their own (object-client.ts). The SDK's own default is 50. */
const maxSockets = 128;
/** A socket on which nothing arrives for so long is given up, and the request repeated. */
const socketTimeoutMs = 30_000;
const connectionTimeoutMs = 5_000;

/**
 * S3 may say nothing while it copies a part of up to 5 GiB, at 100 MB/s and more, or while it completes an upload: longer
 * silence than this is none of its own. Source: API reference, UploadPartCopy and CompleteMultipartUpload.
 */
const copyingTimeoutMs = 300_000;
/** Half a minute of `SlowDown`, by the SDK's pauses: copies count as writes, and S3 takes some time to make room for many. */
const copyingAttempts = 8;

/** The S3 client of a process. `endpoint` names a server other than AWS, addressed by path. */
export function createS3Client(endpoint: string | undefined): S3Client {
  return clientWith({ endpoint, maxAttempts: 4, socketTimeout: socketTimeoutMs });
}

/** A client that makes archives: with the patience that copies inside S3 need, and failures that name no ball. */
export function createCopyingS3Client(endpoint: string | undefined): S3Client {
  return hideBalls(clientWith({ endpoint, maxAttempts: copyingAttempts, socketTimeout: copyingTimeoutMs }));
}

interface ClientOptions {
  readonly endpoint: string | undefined;
  readonly maxAttempts: number;
  readonly socketTimeout: number;
}

function clientWith({ endpoint, maxAttempts, socketTimeout }: ClientOptions): S3Client {
  return new S3Client({
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts,
    requestHandler: new NodeHttpHandler({
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
      connectionTimeout: connectionTimeoutMs,
      socketTimeout,
    }),
    // No body comes this way.
    responseChecksumValidation: "WHEN_REQUIRED",
  });
}

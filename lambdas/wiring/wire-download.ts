import { setTimeout as delay } from "node:timers/promises";
import type { DownloadContext } from "../delivery/deliver.ts";
import { limitsFor } from "../delivery/stream-limits.ts";
import type { DownloadEnv } from "../env.ts";
import { createAssemblyStore } from "../storage/dynamodb/assembly-store.ts";
import { createBallStore } from "../storage/dynamodb/ball-store.ts";
import { createDynamoDbClient } from "../storage/dynamodb/client.ts";
import { createHoldLimiter } from "../storage/dynamodb/hold-limiter.ts";
import { createKnownContents } from "../storage/dynamodb/known-contents.ts";
import { createArchiveLinks } from "../storage/s3/archive-links.ts";
import { createS3Client } from "../storage/s3/client.ts";
import { createSourceReader } from "../storage/s3/source-reader.ts";
import { warmUp } from "../storage/s3/warm-up.ts";

/** What answers requests for balls, streamed and assembled ones, ready for the first. */
export function wireDownload(env: DownloadEnv): DownloadContext {
  const dynamoDb = createDynamoDbClient(env.DYNAMODB_ENDPOINT);
  const s3 = createS3Client(env.S3_ENDPOINT);
  warmUp(s3);
  return {
    store: createBallStore(dynamoDb, env.BALLS_TABLE),
    reader: createSourceReader(s3),
    contents: createKnownContents(dynamoDb, env.CATALOG_TABLE),
    limits: limitsFor(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
    assemblies: createAssemblyStore(dynamoDb, env.BALLS_TABLE),
    links: createArchiveLinks(s3, env.ARCHIVES_BUCKET),
    linkSeconds: env.ARCHIVE_LINK_SECONDS,
    limiter: createHoldLimiter(dynamoDb, env.RATES_TABLE, env.HOLD_SECONDS),
    holdSeconds: env.HOLD_SECONDS,
    clock: {
      now: () => new Date(),
      pause: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
    },
  };
}

import type { RateLimiter } from "../ball/rate-limiter.ts";
import type { CreationContext } from "../creation/create-ball.ts";
import type { CreationEnv } from "../env.ts";
import { createBallStore } from "../storage/dynamodb/ball-store.ts";
import { createDynamoDbClient } from "../storage/dynamodb/client.ts";
import { createKnownContents } from "../storage/dynamodb/known-contents.ts";
import { createRateLimiter } from "../storage/dynamodb/rate-limiter.ts";
import { createS3Client } from "../storage/s3/client.ts";
import { createSourceReader } from "../storage/s3/source-reader.ts";
import { createAssemblyQueue } from "../storage/sqs/assembly-queue.ts";
import { createSqsClient } from "../storage/sqs/client.ts";
import { wireCatalog } from "./wire-catalog.ts";

/** What makes balls, whichever dialect asks for them, and what counts the requests for them. */
export function wireCreation(env: CreationEnv): { context: CreationContext; limiter: RateLimiter } {
  const dynamoDb = createDynamoDbClient(env.DYNAMODB_ENDPOINT);
  const s3 = createS3Client(env.S3_ENDPOINT);
  const context = {
    reader: createSourceReader(s3),
    store: createBallStore(dynamoDb, env.BALLS_TABLE),
    queue: createAssemblyQueue(createSqsClient(env.SQS_ENDPOINT), env.ASSEMBLY_QUEUE_URL),
    catalog: wireCatalog(dynamoDb, s3, env.CATALOG_TABLE),
    contents: createKnownContents(dynamoDb, env.CATALOG_TABLE),
    maxEntries: env.MAX_ENTRIES,
    crcBudgetMs: env.CRC_BUDGET_MS,
    deliveryLimits: { streamedBytes: env.STREAM_LIMIT_BYTES, compressedBytes: env.COMPRESSED_LIMIT_BYTES },
  };
  return { context, limiter: createRateLimiter(dynamoDb, env.RATES_TABLE) };
}

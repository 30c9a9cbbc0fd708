import { Logger } from "@aws-lambda-powertools/logger";
import { decodeCreate } from "./api/box/decode-create.ts";
import { encodeCreated } from "./api/box/encode-created.ts";
import { box } from "./api/box/encode-problem.ts";
import { createCatalog } from "./catalog/catalog.ts";
import { type CreationContext, createBall } from "./creation/create-ball.ts";
import { parseCreateZipDownloadEnv } from "./env.ts";
import { callerFunction } from "./gateway/caller-function.ts";
import { jsonHeaders } from "./gateway/text-answer.ts";
import { createBallStore } from "./storage/dynamodb/ball-store.ts";
import { createCatalogStore } from "./storage/dynamodb/catalog-store.ts";
import { createDynamoDbClient } from "./storage/dynamodb/client.ts";
import { createKnownContents } from "./storage/dynamodb/known-contents.ts";
import { createRateLimiter } from "./storage/dynamodb/rate-limiter.ts";
import { createS3Client } from "./storage/s3/client.ts";
import { createSourceReader } from "./storage/s3/source-reader.ts";
import { createVersionLister } from "./storage/s3/version-lister.ts";

const env = parseCreateZipDownloadEnv(process.env);
const dynamoDb = createDynamoDbClient(env.DYNAMODB_ENDPOINT);
const s3 = createS3Client(env.S3_ENDPOINT);
const context: CreationContext = {
  reader: createSourceReader(s3),
  store: createBallStore(dynamoDb, env.BALLS_TABLE),
  catalog: createCatalog({
    store: createCatalogStore(dynamoDb, env.CATALOG_TABLE),
    lister: createVersionLister(s3),
  }),
  contents: createKnownContents(dynamoDb, env.CATALOG_TABLE),
  maxEntries: env.MAX_ENTRIES,
  crcBudgetMs: env.CRC_BUDGET_MS,
  maxArchiveBytes: env.STREAM_LIMIT_BYTES,
};
const lifetime = {
  seconds: env.ZIP_DOWNLOAD_START_SECONDS,
  fromStartSeconds: env.ZIP_DOWNLOAD_STATUS_SECONDS,
};
const limiter = createRateLimiter(dynamoDb, env.RATES_TABLE);
const logger = new Logger({ serviceName: "create-zip-download" });

/** `POST /2.0/zip_downloads`: chosen files and folders become an archive to be fetched at once. */
export const handler = callerFunction({ logger, dialect: box, limiter }, async (request, grant) => {
  const { items, selections, fileName } = decodeCreate(request.body);
  const created = await createBall(context, { grant, selections, naming: "at-root", fileName, lifetime });
  const publicUrl = env.PUBLIC_URL ?? request.baseUrl;
  return { status: 202, headers: jsonHeaders, body: encodeCreated(created, { items, publicUrl }) };
});

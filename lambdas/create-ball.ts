import { Logger } from "@aws-lambda-powertools/logger";
import { decodeCreate } from "./api/bitpaket/decode-create.ts";
import { encodeCreated } from "./api/bitpaket/encode-created.ts";
import { bitpaket } from "./api/bitpaket/encode-problem.ts";
import { createCatalog } from "./catalog/catalog.ts";
import { type CreationContext, createBall } from "./creation/create-ball.ts";
import { parseCreateBallEnv } from "./env.ts";
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

const env = parseCreateBallEnv(process.env);
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

const surroundings = {
  logger: new Logger({ serviceName: "create-ball" }),
  dialect: bitpaket,
  limiter: createRateLimiter(dynamoDb, env.RATES_TABLE),
};

/** `POST /v2/zipball`: chosen objects and folders become a ball, and the ball a link. */
export const handler = callerFunction(surroundings, async (request, grant) => {
  const { ball } = await createBall(context, {
    grant,
    selections: decodeCreate(request.body),
    naming: "relative",
    fileName: undefined,
    lifetime: { seconds: env.BALL_LIFETIME_SECONDS, fromStartSeconds: undefined },
  });
  const bases = { publicUrl: env.PUBLIC_URL ?? request.baseUrl, domains: env.DOMAINS };
  return { status: 201, headers: jsonHeaders, body: encodeCreated(ball.ballId, bases) };
});

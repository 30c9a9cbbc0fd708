import { Logger } from "@aws-lambda-powertools/logger";
import { box } from "./api/box/encode-problem.ts";
import { encodeStatus } from "./api/box/encode-status.ts";
import { ballIdOf } from "./api/download-request.ts";
import { readStatus, type StatusContext } from "./delivery/read-status.ts";
import { parseZipDownloadStatusEnv } from "./env.ts";
import { callerFunction } from "./gateway/caller-function.ts";
import { jsonHeaders } from "./gateway/text-answer.ts";
import { createAssemblyStore } from "./storage/dynamodb/assembly-store.ts";
import { createBallStore } from "./storage/dynamodb/ball-store.ts";
import { createDynamoDbClient } from "./storage/dynamodb/client.ts";
import { createRateLimiter } from "./storage/dynamodb/rate-limiter.ts";

const env = parseZipDownloadStatusEnv(process.env);
const dynamoDb = createDynamoDbClient(env.DYNAMODB_ENDPOINT);
const context: StatusContext = {
  store: createBallStore(dynamoDb, env.BALLS_TABLE),
  assemblies: createAssemblyStore(dynamoDb, env.BALLS_TABLE),
};
const limiter = createRateLimiter(dynamoDb, env.RATES_TABLE);
const logger = new Logger({ serviceName: "zip-download-status" });

/** `GET /2.0/zip_downloads/{ball}/status`: how far a download has come. */
export const handler = callerFunction({ logger, dialect: box, limiter }, async (request, grant) => {
  const status = await readStatus(context, ballIdOf(request), grant, new Date());
  return { status: 200, headers: jsonHeaders, body: encodeStatus(status) };
});

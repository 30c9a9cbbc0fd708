import { Logger } from "@aws-lambda-powertools/logger";
import { decodeMetadata, decodeObjectId } from "./api/bitpaket/decode-metadata.ts";
import { encodeObject, encodeObjects, mostVersions } from "./api/bitpaket/encode-metadata.ts";
import { bitpaket } from "./api/bitpaket/encode-problem.ts";
import { type DescriptionContext, describeId, describePath } from "./catalog/describe-versions.ts";
import { parseMetadataEnv } from "./env.ts";
import { callerFunction } from "./gateway/caller-function.ts";
import { jsonHeaders } from "./gateway/text-answer.ts";
import { createDynamoDbClient } from "./storage/dynamodb/client.ts";
import { createKnownContents } from "./storage/dynamodb/known-contents.ts";
import { createRateLimiter } from "./storage/dynamodb/rate-limiter.ts";
import { createS3Client } from "./storage/s3/client.ts";
import { wireCatalog } from "./wiring/wire-catalog.ts";

const env = parseMetadataEnv(process.env);
const dynamoDb = createDynamoDbClient(env.DYNAMODB_ENDPOINT);
const context: DescriptionContext = {
  catalog: wireCatalog(dynamoDb, createS3Client(env.S3_ENDPOINT), env.CATALOG_TABLE),
  contents: createKnownContents(dynamoDb, env.CATALOG_TABLE),
};

const surroundings = {
  logger: new Logger({ serviceName: "metadata" }),
  dialect: bitpaket,
  limiter: createRateLimiter(dynamoDb, env.RATES_TABLE),
};

/** `POST /v2/metadata`: all versions of a path. `GET /v2/metadata/{id}`: the version that has the id. */
export const handler = callerFunction(surroundings, async (request, grant) => {
  const body =
    request.method === "POST"
      ? encodeObjects(await describePath(context, grant, { ...decodeMetadata(request.body), mostVersions }))
      : encodeObject(await describeId(context, grant, decodeObjectId(request.pathParameter("id"))));
  return { status: 200, headers: jsonHeaders, body };
});

import { Logger } from "@aws-lambda-powertools/logger";
import { type IndexContext, indexUpload } from "./catalog/index-upload.ts";
import { parseIndexerEnv } from "./env.ts";
import { batchFunction } from "./queue/batch-function.ts";
import { parseObjectEvent } from "./queue/object-event.ts";
import { createDynamoDbClient } from "./storage/dynamodb/client.ts";
import { createKnownContents } from "./storage/dynamodb/known-contents.ts";
import { createS3Client } from "./storage/s3/client.ts";
import { createSourceReader } from "./storage/s3/source-reader.ts";
import { wireCatalog } from "./wiring/wire-catalog.ts";

const env = parseIndexerEnv(process.env);
const s3 = createS3Client(env.S3_ENDPOINT);
const dynamoDb = createDynamoDbClient(env.DYNAMODB_ENDPOINT);
const context: IndexContext = {
  catalog: wireCatalog(dynamoDb, s3, env.CATALOG_TABLE),
  contents: createKnownContents(dynamoDb, env.CATALOG_TABLE),
  reader: createSourceReader(s3),
};

/** Keeps the catalog: the queue of S3's events calls it with what was uploaded. */
export const handler = batchFunction(new Logger({ serviceName: "indexer" }), async ({ body }) => {
  const upload = parseObjectEvent(body);
  if (upload !== undefined) await indexUpload(context, upload);
});

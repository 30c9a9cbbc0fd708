import { Logger } from "@aws-lambda-powertools/logger";
import { dialectOf } from "./api/choose-dialect.ts";
import { answerDownload } from "./api/download-answer.ts";
import { downloadRequestOf } from "./api/download-request.ts";
import type { DeliveryContext } from "./delivery/delivery-context.ts";
import { startDownload } from "./delivery/start-download.ts";
import { hasLittleMemory, limitsFor } from "./delivery/stream-limits.ts";
import { parseDownloadEnv } from "./env.ts";
import { noBody } from "./gateway/stream-response.ts";
import { streamedFunction } from "./gateway/streamed-function.ts";
import { createBallStore } from "./storage/dynamodb/ball-store.ts";
import { createDynamoDbClient } from "./storage/dynamodb/client.ts";
import { createKnownContents } from "./storage/dynamodb/known-contents.ts";
import { createS3Client } from "./storage/s3/client.ts";
import { createSourceReader } from "./storage/s3/source-reader.ts";
import { warmUp } from "./storage/s3/warm-up.ts";
import { keepHeapSmall } from "./wiring/frugal-heap.ts";

const env = parseDownloadEnv(process.env);
const memoryMib = env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
if (hasLittleMemory(memoryMib)) keepHeapSmall();

const dynamoDb = createDynamoDbClient(env.DYNAMODB_ENDPOINT);
const s3 = createS3Client(env.S3_ENDPOINT);
warmUp(s3);
const context: DeliveryContext = {
  store: createBallStore(dynamoDb, env.BALLS_TABLE),
  reader: createSourceReader(s3),
  contents: createKnownContents(dynamoDb, env.CATALOG_TABLE),
  limits: limitsFor(memoryMib),
};

/** GET and HEAD of a ball, in both dialects: the archive, whole or by byte range. */
export const handler = streamedFunction(
  { logger: new Logger({ serviceName: "download" }), dialectOf, idleSeconds: env.CLIENT_IDLE_SECONDS },
  async (request, signal) => {
    const asked = { ...downloadRequestOf(request), requestId: request.requestId };
    const download = await startDownload(context, asked, signal);
    const answer = answerDownload(download, request.query("X-Bit-Filename"));
    return { ...answer, chunks: download.chunks ?? noBody() };
  },
);

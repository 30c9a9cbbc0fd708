import { Logger } from "@aws-lambda-powertools/logger";
import { bitpaket } from "./api/bitpaket/encode-problem.ts";
import { answerDownload } from "./api/download-answer.ts";
import { downloadRequestOf } from "./api/download-request.ts";
import { openDownload } from "./delivery/open-download.ts";
import { streamBall } from "./delivery/stream-ball.ts";
import { parseDownloadEnv } from "./env.ts";
import { noBody } from "./gateway/stream-response.ts";
import { streamedFunction } from "./gateway/streamed-function.ts";
import { createBallStore } from "./storage/dynamodb/ball-store.ts";
import { createDynamoDbClient } from "./storage/dynamodb/client.ts";
import { createS3Client } from "./storage/s3/client.ts";
import { createSourceReader } from "./storage/s3/source-reader.ts";

const env = parseDownloadEnv(process.env);
const store = createBallStore(createDynamoDbClient(env.DYNAMODB_ENDPOINT), env.BALLS_TABLE);
const reader = createSourceReader(createS3Client(env.S3_ENDPOINT));

/** `GET` and `HEAD /<ball_id>.zip`: the archive, whole or by byte range. */
export const handler = streamedFunction(
  new Logger({ serviceName: "download" }),
  () => bitpaket,
  async (request, signal) => {
    const asked = downloadRequestOf(request);
    const download = await openDownload(store, asked, new Date());
    const { range, ...answer } = answerDownload(download, request.query("X-Bit-Filename"));
    const hasBody = range !== undefined && asked.method === "GET";
    const chunks = hasBody ? streamBall({ store, reader, ball: download.ball, range, signal }) : noBody();
    return { ...answer, chunks };
  },
);

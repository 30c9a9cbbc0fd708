import { Logger } from "@aws-lambda-powertools/logger";
import { dialectOf } from "./api/choose-dialect.ts";
import { answerDownload } from "./api/download-answer.ts";
import { downloadRequestOf } from "./api/download-request.ts";
import { openDownload } from "./delivery/open-download.ts";
import { parseHeadDownloadEnv } from "./env.ts";
import { bufferedFunction } from "./gateway/buffered-function.ts";
import { createBallStore } from "./storage/dynamodb/ball-store.ts";
import { createDynamoDbClient } from "./storage/dynamodb/client.ts";

const env = parseHeadDownloadEnv(process.env);
const store = createBallStore(createDynamoDbClient(env.DYNAMODB_ENDPOINT), env.BALLS_TABLE);

/** HEAD of a ball, in both dialects, where the stack is set to answer it without response streaming. */
export const handler = bufferedFunction(
  new Logger({ serviceName: "head-download" }),
  dialectOf,
  async (request) => {
    const download = await openDownload(store, downloadRequestOf(request), new Date());
    return { ...answerDownload(download, request.query("X-Bit-Filename")), body: "" };
  },
);

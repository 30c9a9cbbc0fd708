import { Logger } from "@aws-lambda-powertools/logger";
import { dialectOf } from "./api/choose-dialect.ts";
import { answerDescribed } from "./api/download-answer.ts";
import { downloadRequestOf } from "./api/download-request.ts";
import { describeDownload } from "./delivery/describe-download.ts";
import { findBall } from "./delivery/open-download.ts";
import { parseHeadDownloadEnv } from "./env.ts";
import { bufferedFunction } from "./gateway/buffered-function.ts";
import { createAssemblyStore } from "./storage/dynamodb/assembly-store.ts";
import { createBallStore } from "./storage/dynamodb/ball-store.ts";
import { createDynamoDbClient } from "./storage/dynamodb/client.ts";

const env = parseHeadDownloadEnv(process.env);
const dynamoDb = createDynamoDbClient(env.DYNAMODB_ENDPOINT);
const store = createBallStore(dynamoDb, env.BALLS_TABLE);
const assemblies = createAssemblyStore(dynamoDb, env.BALLS_TABLE);

/** HEAD of a ball, in both dialects, where the stack is set to answer it without response streaming. */
export const handler = bufferedFunction(
  new Logger({ serviceName: "head-download" }),
  dialectOf,
  async (request) => {
    const asked = downloadRequestOf(request);
    const ball = await findBall(store, asked.ballId, new Date());
    return { ...answerDescribed(await describeDownload(assemblies, ball, asked)), body: "" };
  },
);

import { Logger } from "@aws-lambda-powertools/logger";
import { decodeCreate } from "./api/bitpaket/decode-create.ts";
import { encodeCreated } from "./api/bitpaket/encode-created.ts";
import { BallError } from "./ball/errors.ts";
import { type CreationContext, createBall } from "./creation/create-ball.ts";
import { parseCreateBallEnv } from "./env.ts";
import { bufferedFunction } from "./gateway/buffered-function.ts";
import { jsonHeaders } from "./gateway/text-answer.ts";
import { createBallStore } from "./storage/dynamodb/ball-store.ts";
import { createDynamoDbClient } from "./storage/dynamodb/client.ts";
import { createS3Client } from "./storage/s3/client.ts";
import { createSourceReader } from "./storage/s3/source-reader.ts";

const env = parseCreateBallEnv(process.env);
const context: CreationContext = {
  reader: createSourceReader(createS3Client(env.S3_ENDPOINT)),
  store: createBallStore(createDynamoDbClient(env.DYNAMODB_ENDPOINT), env.BALLS_TABLE),
  maxEntries: env.MAX_ENTRIES,
  ballLifetimeSeconds: env.BALL_LIFETIME_SECONDS,
  crcBudgetMs: env.CRC_BUDGET_MS,
  maxArchiveBytes: env.STREAM_LIMIT_BYTES,
};

/** `POST /v2/zipball`: chosen objects and folders become a ball, and the ball a link. */
export const handler = bufferedFunction(new Logger({ serviceName: "create-ball" }), async (request) => {
  const bucket = request.authorizer("bucket");
  if (bucket === undefined) throw new BallError("unauthorized", "The access token is invalid");
  const ball = await createBall(context, bucket, decodeCreate(request.body));
  const bases = { publicUrl: env.PUBLIC_URL ?? request.baseUrl, domains: env.DOMAINS };
  return { status: 201, headers: jsonHeaders, body: encodeCreated(ball.ballId, bases) };
});

import { Logger } from "@aws-lambda-powertools/logger";
import { decodeCreate } from "./api/bitpaket/decode-create.ts";
import { encodeCreated } from "./api/bitpaket/encode-created.ts";
import { bitpaket } from "./api/bitpaket/encode-problem.ts";
import { createBall } from "./creation/create-ball.ts";
import { parseCreateBallEnv } from "./env.ts";
import { callerFunction } from "./gateway/caller-function.ts";
import { jsonHeaders } from "./gateway/text-answer.ts";
import { wireCreation } from "./wiring/wire-creation.ts";

const env = parseCreateBallEnv(process.env);
const { context, limiter } = wireCreation(env);
const logger = new Logger({ serviceName: "create-ball" });

/** `POST /v2/zipball`: chosen objects and folders become a ball, and the ball a link. */
export const handler = callerFunction({ logger, dialect: bitpaket, limiter }, async (request, grant) => {
  const { ball } = await createBall(context, {
    grant,
    ...decodeCreate(request.body),
    naming: "relative",
    fileName: undefined,
    lifetime: { seconds: env.BALL_LIFETIME_SECONDS, fromStartSeconds: undefined },
  });
  const bases = { publicUrl: env.PUBLIC_URL ?? request.baseUrl, domains: env.DOMAINS };
  return { status: 201, headers: jsonHeaders, body: encodeCreated(ball.ballId, bases) };
});

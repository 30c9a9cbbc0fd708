import type { Logger } from "@aws-lambda-powertools/logger";
import type { Dialect } from "../api/dialect.ts";
import { BallError } from "../ball/errors.ts";
import type { Grant } from "../ball/grant.ts";
import type { RateLimiter, RequestAllowance } from "../ball/rate-limiter.ts";
import { bufferedFunction } from "./buffered-function.ts";
import { failureAnswer } from "./failure-answer.ts";
import { grantOf } from "./grant-context.ts";
import type { GatewayRequest } from "./request.ts";
import type { TextAnswer } from "./text-answer.ts";

interface Surroundings {
  readonly logger: Logger;
  /** In which what fails is answered. */
  readonly dialect: Dialect;
  readonly limiter: RateLimiter;
}

/**
 * A function of API Gateway that callers with a token ask. Every request is counted, and every answer, a refusal too,
 * tells what is left of the token's limit. A request that can not be counted is answered without that.
 */
export function callerFunction(
  { logger, dialect, limiter }: Surroundings,
  answer: (request: GatewayRequest, grant: Grant) => Promise<TextAnswer>,
) {
  const dialectOf = () => dialect;
  return bufferedFunction(logger, dialectOf, async (request) => {
    const grant = grantOf(request.authorizerContext);
    const now = new Date();
    const { requestId } = request;
    const allowance = await limiter.count(grant, now).catch((error: unknown) => {
      logger.error("A request could not be counted", { requestId, error });
      return undefined;
    });
    const answered = await requireAllowance(allowance)
      .then(() => answer(request, grant))
      .catch((error: unknown) => failureAnswer({ logger, dialect, requestId, error }));
    return { ...answered, headers: { ...answered.headers, ...limitHeaders(allowance, now) } };
  });
}

async function requireAllowance(allowance: RequestAllowance | undefined): Promise<void> {
  if (allowance === undefined || allowance.remaining >= 0) return;
  throw new BallError(
    "rate-limited",
    `This token may make ${allowance.limit} requests in a minute; go on when the next one begins`,
  );
}

/** BitPaket's rate-limit headers, and when it is worth asking again (RFC 9110 section 10.2.3) for whoever was refused. */
function limitHeaders(allowance: RequestAllowance | undefined, now: Date): Record<string, string> {
  if (allowance === undefined) return {};
  const { limit, remaining, resetEpochSeconds } = allowance;
  const headers = {
    "X-RateLimit-Limit": `${limit}`,
    "X-RateLimit-Remaining": `${Math.max(remaining, 0)}`,
    "X-RateLimit-Reset": `${resetEpochSeconds}`,
  };
  if (remaining >= 0) return headers;
  return { ...headers, "Retry-After": `${Math.max(Math.ceil(resetEpochSeconds - now.getTime() / 1000), 1)}` };
}

import type { Logger } from "@aws-lambda-powertools/logger";
import type { APIGatewayProxyResult } from "aws-lambda";
import type { Dialect } from "../api/dialect.ts";
import { failureAnswer } from "./failure-answer.ts";
import { type GatewayRequest, parseRequest } from "./request.ts";
import type { TextAnswer } from "./text-answer.ts";

/**
 * A function of API Gateway whose response is sent when it is whole, with the request's id; what fails is answered in
 * the dialect of the route.
 */
export function bufferedFunction(
  logger: Logger,
  dialectOf: (request: GatewayRequest) => Dialect,
  answer: (request: GatewayRequest) => Promise<TextAnswer>,
): (event: unknown) => Promise<APIGatewayProxyResult> {
  return async (event) => {
    const request = parseRequest(event);
    const { requestId } = request;
    const { status, headers, body } = await answer(request).catch((error: unknown) =>
      failureAnswer({ logger, dialect: dialectOf(request), requestId, error }),
    );
    return { statusCode: status, headers: { ...headers, "X-Request-Id": requestId }, body };
  };
}

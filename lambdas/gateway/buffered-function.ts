import type { Logger } from "@aws-lambda-powertools/logger";
import type { APIGatewayProxyResult } from "aws-lambda";
import { encodeProblem } from "../api/bitpaket/encode-problem.ts";
import { logUnexpected } from "./log-unexpected.ts";
import { type GatewayRequest, parseRequest } from "./request.ts";
import { problemAnswer, type TextAnswer } from "./text-answer.ts";

/** A function of API Gateway whose response is sent when it is whole; what fails is answered as JSON. */
export function bufferedFunction(
  logger: Logger,
  answer: (request: GatewayRequest) => Promise<TextAnswer>,
): (event: unknown) => Promise<APIGatewayProxyResult> {
  return async (event) => {
    const request = parseRequest(event);
    const { status, headers, body } = await answer(request).catch((error: unknown) => {
      logUnexpected(logger, error, request.requestId);
      return problemAnswer(encodeProblem(error));
    });
    return { statusCode: status, headers: { ...headers, "X-Request-Id": request.requestId }, body };
  };
}

import type { Writable } from "node:stream";
import type { Logger } from "@aws-lambda-powertools/logger";
import type { Dialect } from "../api/dialect.ts";
import { toldOfLink } from "../api/told-of-link.ts";
import { logUnexpected } from "./log-unexpected.ts";
import { type GatewayRequest, parseRequest } from "./request.ts";
import { type StreamedAnswer, sendStreamed, textBody } from "./stream-response.ts";
import { problemAnswer } from "./text-answer.ts";

/** Answers one request; `signal` is aborted when the reader leaves, where the host tells (AWS does not). */
type Answer = (request: GatewayRequest, signal: AbortSignal) => Promise<StreamedAnswer>;

/**
 * A function of API Gateway whose response is streamed, asked by whoever holds a link; what fails before its first byte
 * is answered in the dialect of the link.
 */
export function streamedFunction(
  logger: Logger,
  dialectOf: (request: GatewayRequest) => Dialect,
  answer: Answer,
) {
  return awslambda.streamifyResponse(async (event: unknown, responseStream: Writable) => {
    const request = parseRequest(event);
    const left = new AbortController();
    responseStream.once("close", () => left.abort());
    const identified = ({ headers, ...rest }: StreamedAnswer) => ({
      ...rest,
      headers: { ...headers, "X-Request-Id": request.requestId },
    });
    // A reader who left is no failure, whatever he left behind.
    const logFailure = (error: unknown) => {
      if (!left.signal.aborted) logUnexpected(logger, error, request.requestId);
    };
    const answerFailure = (error: unknown) => {
      logFailure(error);
      const problem = dialectOf(request).encodeProblem(toldOfLink(error), request.requestId);
      const { status, headers, body } = problemAnswer(problem);
      return identified({ status, headers, chunks: textBody(body) });
    };
    try {
      const answered = await answer(request, left.signal).then(identified, answerFailure);
      await sendStreamed(responseStream, answered, answerFailure);
    } catch (error) {
      logFailure(error);
      throw error;
    }
  });
}

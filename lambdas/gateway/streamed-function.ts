import type { Writable } from "node:stream";
import type { Logger } from "@aws-lambda-powertools/logger";
import type { Dialect } from "../api/dialect.ts";
import { toldOfLink } from "../api/told-of-link.ts";
import { ReaderStopped } from "../ball/errors.ts";
import { logBrokenOff, logUnexpected } from "./log-unexpected.ts";
import { Reader } from "./reader.ts";
import { type GatewayRequest, parseRequest } from "./request.ts";
import { type StreamedAnswer, sendStreamed, textBody } from "./stream-response.ts";
import { problemAnswer } from "./text-answer.ts";

interface Surroundings {
  readonly logger: Logger;
  /** In which what fails is answered. */
  readonly dialectOf: (request: GatewayRequest) => Dialect;
  /** How long a reader may take nothing. */
  readonly idleSeconds: number;
}

/** Answers one request; `signal` is the reader's: aborted when he leaves or stops. */
type Answer = (request: GatewayRequest, signal: AbortSignal) => Promise<StreamedAnswer>;

/**
 * A function of API Gateway whose response is streamed, asked by whoever holds a link; what fails before its first byte
 * is answered in the dialect of the link. What fails behind it is logged, and the function fails.
 */
export function streamedFunction({ logger, dialectOf, idleSeconds }: Surroundings, answer: Answer) {
  return awslambda.streamifyResponse(async (event: unknown, responseStream: Writable) => {
    const request = parseRequest(event);
    const { requestId } = request;
    const reader = new Reader(responseStream, idleSeconds);
    const { signal } = reader;
    const identified = ({ headers, ...rest }: StreamedAnswer) => ({
      ...rest,
      headers: { ...headers, "X-Request-Id": requestId },
    });
    const answerFailure = (error: unknown) => {
      // A reader who is gone is no failure, whatever he left behind.
      if (!signal.aborted) logUnexpected(logger, error, requestId);
      const problem = dialectOf(request).encodeProblem(toldOfLink(error), requestId);
      const { status, headers, body } = problemAnswer(problem);
      return identified({ status, headers, chunks: textBody(body) });
    };
    try {
      const answered = await answer(request, signal).then(identified, answerFailure);
      await sendStreamed(reader, answered, answerFailure);
    } catch (error) {
      if (signal.aborted) throw signal.reason instanceof ReaderStopped ? signal.reason : error;
      logBrokenOff(logger, error, requestId);
      throw new BrokenOff(requestId);
    } finally {
      reader.release();
    }
  });
}

/**
 * What a function fails with when its answer breaks off. The runtime logs whatever a function fails with, and only a
 * function that fails breaks the connection; so this says no more than where the failure is logged, that once.
 */
class BrokenOff extends Error {
  override readonly name = "BrokenOff";

  constructor(requestId: string) {
    super(`The answer to request ${requestId} broke off; what it broke off for is logged with this id`);
    this.stack = `${this.name}: ${this.message}`;
  }
}

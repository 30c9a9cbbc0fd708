import type { Logger } from "@aws-lambda-powertools/logger";
import type { Dialect } from "../api/dialect.ts";
import { logUnexpected } from "./log-unexpected.ts";
import { problemAnswer, type TextAnswer } from "./text-answer.ts";

interface Failure {
  readonly logger: Logger;
  readonly dialect: Dialect;
  readonly requestId: string;
  readonly error: unknown;
}

/** What a caller is told of a failure, which is logged if it is not his own. */
export function failureAnswer({ logger, dialect, requestId, error }: Failure): TextAnswer {
  logUnexpected(logger, error, requestId);
  return problemAnswer(dialect.encodeProblem(error, requestId));
}

import type { Logger } from "@aws-lambda-powertools/logger";
import { BallError, type BallErrorCode } from "../ball/errors.ts";

/** What the caller did, and is told; it says nothing about this service. */
const callersOwn: ReadonlySet<BallErrorCode> = new Set([
  "invalid-request",
  "request-too-large",
  "unauthorized",
  "forbidden",
  "rate-limited",
  "source-not-found",
  "version-not-found",
  "revision-ambiguous",
  "source-archived",
  "too-many-entries",
  "archive-too-large",
  "ball-not-found",
  "ball-expired",
  "ball-not-started",
]);

/**
 * Logs a failure once, as one JSON line, unless it is the caller's own. The line has the request's id, by which the
 * answer can be found, and neither link nor token.
 */
export function logUnexpected(logger: Logger, error: unknown, requestId: string): void {
  if (error instanceof BallError && callersOwn.has(error.code)) return;
  const code = error instanceof BallError ? error.code : "unexpected";
  logger.error("A request failed", {
    requestId,
    code,
    error: error instanceof Error ? error : String(error),
  });
}

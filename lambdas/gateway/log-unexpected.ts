import type { Logger } from "@aws-lambda-powertools/logger";
import { BallError, type BallErrorCode, PlacedError } from "../ball/errors.ts";
import { causesOf, tellError } from "./told-error.ts";

/** What the caller did, or has to wait for, and is told; it says nothing about this service. */
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
  "archive-not-ready",
]);

/** Logs why a request could not be answered, unless it is the caller's own doing. */
export function logUnexpected(logger: Logger, error: unknown, requestId: string): void {
  if (error instanceof BallError && callersOwn.has(error.code)) return;
  logger.error("A request failed", describeFailure(error, requestId));
}

/** Logs why an answer broke off behind its first byte, which is nobody's own doing. */
export function logBrokenOff(logger: Logger, error: unknown, requestId: string): void {
  logger.error("An answer broke off", describeFailure(error, requestId));
}

/**
 * A failure as the fields of one JSON line: the request's id, by which the answer can be found; its code; the entry it
 * is about, its key and the offset in the archive, where they are known; the error; and its causes, the nearest one
 * first. Neither link nor token is among them.
 */
function describeFailure(error: unknown, requestId: string) {
  const failure = error instanceof PlacedError ? error.cause : error;
  const place = error instanceof PlacedError || error instanceof BallError ? error.place : undefined;
  return {
    requestId,
    code: failure instanceof BallError ? failure.code : "unexpected",
    ...(place !== undefined && { entry: place.entryName, key: place.key, offset: place.offset }),
    error: { ...tellError(failure), stack: failure instanceof Error ? failure.stack : undefined },
    cause: causesOf(failure),
  };
}

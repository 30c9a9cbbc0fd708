import type { BallErrorCode } from "../../ball/errors.ts";

/** What may go wrong in each kind of operation, besides what goes wrong in all of them. */

export const creationFailures: readonly BallErrorCode[] = [
  "invalid-request",
  "request-too-large",
  "forbidden",
  "source-not-found",
  "version-not-found",
  "source-archived",
  "source-forbidden",
  "source-unreadable",
  "source-corrupt",
  "too-many-entries",
  "archive-too-large",
];

export const descriptionFailures: readonly BallErrorCode[] = [
  "invalid-request",
  "source-not-found",
  "source-forbidden",
  "source-unreadable",
];

export const statusFailures: readonly BallErrorCode[] = [
  "ball-not-found",
  "ball-expired",
  "ball-not-started",
  "ball-corrupt",
];

export const downloadFailures: readonly BallErrorCode[] = [
  "ball-not-found",
  "ball-expired",
  "ball-corrupt",
  "source-forbidden",
  "source-unreadable",
  "source-corrupt",
  "archive-not-ready",
  "assembly-failed",
  "archive-unreadable",
];

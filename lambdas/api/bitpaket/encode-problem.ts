import { allSelected, BallError, type BallErrorCode } from "../../ball/errors.ts";
import type { Dialect, Problem } from "../dialect.ts";
import { numericCodeOf, type ProblemAnswer } from "./schemas.ts";

const statusOf: Readonly<Record<BallErrorCode, number>> = {
  "invalid-request": 400,
  "request-too-large": 413,
  unauthorized: 401,
  forbidden: 403,
  "rate-limited": 429,
  "source-not-found": 404,
  "version-not-found": 404,
  "revision-ambiguous": 409,
  "source-archived": 409,
  "source-forbidden": 403,
  "too-many-entries": 422,
  "archive-too-large": 422,
  "ball-not-found": 404,
  "ball-expired": 410,
  "ball-not-started": 404,
  "source-changed": 409,
  "source-corrupt": 502,
  "source-unreadable": 503,
  "ball-corrupt": 500,
};

/**
 * An error in BitPaket's envelope: `{"success":false,"error":{"code":10404,"message":"…","data":{…}}}`. The code is
 * 10,000 and the HTTP status; `data` has this service's own code word and the place in the request. What is no
 * BallError is told to nobody outside.
 */
function encodeProblem(error: unknown): Problem {
  if (!(error instanceof BallError)) return problem(500, "Something went wrong on our side", {});
  const status = statusOf[error.code];
  if (error.at === undefined) return problem(status, error.message, { reason: error.code });
  const at = error.at === allSelected ? "objects" : error.at;
  return problem(status, `${at}: ${error.message}`, { reason: error.code, at });
}

function problem(status: number, message: string, data: ProblemAnswer["error"]["data"]): Problem {
  const answer: ProblemAnswer = { success: false, error: { code: numericCodeOf(status), message, data } };
  return { status, body: JSON.stringify(answer) };
}

/** How BitPaket tells that something failed. */
export const bitpaket: Dialect = { encodeProblem };

import { allSelected, BallError, type BallErrorCode } from "../../ball/errors.ts";
import type { Dialect, Problem } from "../dialect.ts";
import { retryHeaders } from "../retry-headers.ts";
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
  "archive-not-ready": 503,
  "assembly-failed": 502,
  "archive-unwritable": 503,
  "archive-unreadable": 503,
  "upload-gone": 500,
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
  return { ...told(error), ...retryHeaders(error) };
}

function told({ code: reason, message, at: place }: BallError): Problem {
  const status = statusOf[reason];
  if (place === undefined) return problem(status, message, { reason });
  const at = place === allSelected ? "objects" : place;
  return problem(status, `${at}: ${message}`, { reason, at });
}

function problem(status: number, message: string, data: ProblemAnswer["error"]["data"]): Problem {
  const answer: ProblemAnswer = { success: false, error: { code: numericCodeOf(status), message, data } };
  return { status, body: JSON.stringify(answer) };
}

/** How BitPaket tells that something failed. */
export const bitpaket: Dialect = { encodeProblem };

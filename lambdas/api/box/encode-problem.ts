import { allSelected, BallError, type BallErrorCode } from "../../ball/errors.ts";
import type { Dialect, Problem } from "../dialect.ts";
import { retryHeaders } from "../retry-headers.ts";
import { type ClientError, helpUrl } from "./schemas.ts";

/** Statuses and code words of Box. Its documentation: "Errors", and the errors of "Create zip download". */
const answers: Readonly<Record<BallErrorCode, readonly [status: number, code: string]>> = {
  "invalid-request": [400, "bad_request"],
  "request-too-large": [413, "request_entity_too_large"],
  unauthorized: [401, "unauthorized"],
  forbidden: [403, "access_denied_insufficient_permissions"],
  "rate-limited": [429, "rate_limit_exceeded"],
  "source-not-found": [404, "not_found"],
  "version-not-found": [404, "not_found"],
  "revision-ambiguous": [409, "conflict"],
  "source-archived": [409, "conflict"],
  "source-forbidden": [403, "forbidden"],
  "too-many-entries": [400, "zip_download_file_count_exceeded_limit"],
  "archive-too-large": [400, "zip_download_pre_compressed_bytes_exceeded_limit"],
  "ball-not-found": [404, "not_found"],
  // Box forgets a zip download that has expired, and knows no status of one that has not begun.
  "ball-expired": [404, "not_found"],
  "ball-not-started": [404, "not_found"],
  "archive-not-ready": [503, "unavailable"],
  "assembly-failed": [502, "bad_gateway"],
  "archive-unwritable": [503, "unavailable"],
  "archive-unreadable": [503, "unavailable"],
  "upload-gone": [500, "internal_server_error"],
  "source-changed": [409, "conflict"],
  "source-corrupt": [502, "bad_gateway"],
  "source-unreadable": [503, "unavailable"],
  "ball-corrupt": [500, "internal_server_error"],
};

/**
 * Errors as Box has them: `{"type":"error","status":404,"code":"not_found","message":"…","context_info":{…},
 * "help_url":"…","request_id":"…"}`. `context_info` has this service's own code word as `reason`, and `errors` where
 * the error is of one place in the request, in the form Box gives them.
 */
export const box: Dialect = { encodeProblem };

function encodeProblem(error: unknown, requestId: string): Problem {
  if (!(error instanceof BallError)) return unexpected(requestId);
  return { ...problem(error.code, requestId, told(error)), ...retryHeaders(error) };
}

interface Told {
  readonly message: string;
  readonly context: Pick<ClientError["context_info"], "errors">;
}

function told({ at, message }: BallError): Told {
  if (at === undefined) return { message, context: {} };
  const name = at === allSelected ? "items" : at;
  const errors = [{ reason: "invalid_parameter", name, message }];
  return { message: `${name}: ${message}`, context: { errors } };
}

function problem(reason: BallErrorCode, requestId: string, { message, context }: Told): Problem {
  const [status, code] = answers[reason];
  return encode({ status, code, message, context_info: { reason, ...context }, request_id: requestId });
}

function unexpected(requestId: string): Problem {
  return encode({
    status: 500,
    code: "internal_server_error",
    message: "Something went wrong on our side",
    context_info: {},
    request_id: requestId,
  });
}

function encode(told: Omit<ClientError, "type" | "help_url">): Problem {
  const { request_id, ...rest } = told;
  const body: ClientError = { type: "error", ...rest, help_url: helpUrl, request_id };
  return { status: told.status, body: JSON.stringify(body) };
}

import { numericCodeOf } from "./bitpaket/schemas.ts";
import { helpUrl } from "./box/schemas.ts";

/**
 * What API Gateway answers by itself, before or instead of a function. Such answers are set per API and not per
 * route, so that one body has to be valid in the error shapes of both dialects. The one-machine host answers from
 * the same table.
 *
 * Source: API Gateway developer guide, "Gateway response types".
 */
export interface GatewayProblem {
  /** API Gateway's name of the response type. */
  readonly responseType:
    | "UNAUTHORIZED"
    | "ACCESS_DENIED"
    | "MISSING_AUTHENTICATION_TOKEN"
    | "RESOURCE_NOT_FOUND"
    | "REQUEST_TOO_LARGE"
    | "THROTTLED"
    | "INTEGRATION_FAILURE"
    | "INTEGRATION_TIMEOUT"
    | "DEFAULT_4XX"
    | "DEFAULT_5XX";
  readonly status: number;
  /** Box's code word. */
  readonly word: string;
  readonly message: string;
}

export const gatewayProblems: readonly GatewayProblem[] = [
  {
    responseType: "UNAUTHORIZED",
    status: 401,
    word: "unauthorized",
    message: "The access token is invalid",
  },
  {
    responseType: "ACCESS_DENIED",
    status: 401,
    word: "unauthorized",
    message: "The access token is invalid",
  },
  // What API Gateway calls an unknown route; its own status, 403, would say that the route exists.
  {
    responseType: "MISSING_AUTHENTICATION_TOKEN",
    status: 404,
    word: "not_found",
    message: "There is nothing at this address",
  },
  {
    responseType: "RESOURCE_NOT_FOUND",
    status: 404,
    word: "not_found",
    message: "There is nothing at this address",
  },
  {
    responseType: "REQUEST_TOO_LARGE",
    status: 413,
    word: "request_entity_too_large",
    message: "The request is too large",
  },
  {
    responseType: "THROTTLED",
    status: 429,
    word: "rate_limit_exceeded",
    message: "Too many requests; try again later",
  },
  // The function failed, or answered what is no answer.
  {
    responseType: "INTEGRATION_FAILURE",
    status: 502,
    word: "internal_server_error",
    message: "Something went wrong on our side",
  },
  {
    responseType: "INTEGRATION_TIMEOUT",
    status: 504,
    word: "internal_server_error",
    message: "It took longer than it may; try again",
  },
  {
    responseType: "DEFAULT_4XX",
    status: 400,
    word: "bad_request",
    message: "The request is not valid",
  },
  {
    responseType: "DEFAULT_5XX",
    status: 500,
    word: "internal_server_error",
    message: "Something went wrong on our side",
  },
];

/** The JSON body of a gateway problem. `requestId` may be API Gateway's own variable, `$context.requestId`. */
export function formatGatewayProblem(problem: GatewayProblem, requestId: string): string {
  return JSON.stringify({
    success: false,
    error: { code: numericCodeOf(problem.status), message: problem.message, data: {} },
    type: "error",
    status: problem.status,
    code: problem.word,
    message: problem.message,
    context_info: {},
    help_url: helpUrl,
    request_id: requestId,
  });
}

/** Headers of a gateway problem, besides its type and length. */
export function gatewayProblemHeaders({ status }: GatewayProblem): Readonly<Record<string, string>> {
  return {
    "Cache-Control": "no-store",
    // RFC 9110 section 15.5.2: a 401 says which scheme is asked for.
    ...(status === 401 && { "WWW-Authenticate": "Bearer" }),
    // API Gateway's buckets fill up every second.
    ...(status === 429 && { "Retry-After": "1" }),
  };
}

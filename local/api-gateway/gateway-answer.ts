import type { ServerResponse } from "node:http";
import {
  formatGatewayProblem,
  type GatewayProblem,
  gatewayProblemHeaders,
  gatewayProblems,
} from "../../lambdas/api/gateway-problems.ts";

/** What API Gateway says by itself. `status`: what Node says of a request that is none, in place of the table's. */
export interface GatewayAnswer {
  readonly problem: GatewayProblem["responseType"];
  readonly status?: number;
}

/** The function failed, or answered what is no answer. */
export const badGateway: GatewayAnswer = { problem: "INTEGRATION_FAILURE" };
/** The function took longer than it may. */
export const gatewayTimeout: GatewayAnswer = { problem: "INTEGRATION_TIMEOUT" };

/** Answers in the function's stead. Nothing of the response may have been sent yet. */
export function answerProblem(response: ServerResponse, requestId: string, answer: GatewayAnswer): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const problem = problemOf(answer);
  const body = formatGatewayProblem(problem, requestId);
  response.writeHead(problem.status, {
    ...gatewayProblemHeaders(problem),
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    "X-Request-Id": requestId,
    "x-amzn-RequestId": requestId,
  });
  response.end(body);
}

/** Status and JSON body of a gateway problem. */
export function problemBody(answer: GatewayAnswer, requestId: string): { status: number; body: string } {
  const problem = problemOf(answer);
  return { status: problem.status, body: formatGatewayProblem(problem, requestId) };
}

function problemOf({ problem: responseType, status }: GatewayAnswer): GatewayProblem {
  const known = gatewayProblems.find((problem) => problem.responseType === responseType);
  if (known === undefined) throw new Error(`No gateway problem ${responseType} in the table`);
  return { ...known, status: status ?? known.status };
}

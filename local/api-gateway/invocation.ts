import type { IncomingMessage, ServerResponse } from "node:http";
import type { APIGatewayProxyEvent } from "aws-lambda";
import type { LambdaContext, LambdaFunction } from "./lambda-function.ts";

/** One call of one function on behalf of one HTTP request. */
export interface Invocation {
  readonly handler: LambdaFunction;
  readonly event: APIGatewayProxyEvent;
  readonly context: LambdaContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly report: ReportFailure;
}

/** A function that failed; in AWS this stands in its log. */
export interface FunctionFailure {
  readonly functionName: string;
  readonly requestId: string;
  readonly error: unknown;
}

export type ReportFailure = (failure: FunctionFailure) => void;

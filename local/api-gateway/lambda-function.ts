import type { Context } from "aws-lambda";

/** Whatever a function's module exports as `handler`; what it takes and gives is known by the way it is called. */
export type LambdaFunction = (...args: never[]) => unknown;

/** The context's fields that the managed Node.js runtime still gives (its callbacks are gone since Node 24). */
export type LambdaContext = Omit<Context, "done" | "fail" | "succeed">;

/**
 * Whether a handler was wrapped with `awslambda.streamifyResponse`: the runtime tells by this mark on the function.
 * Source: aws-lambda-ric 4, user function loader.
 */
export function isStreamed(handler: LambdaFunction): boolean {
  return Reflect.get(handler, streamingMark) === "response";
}

/** Marks a handler as one that streams, as `awslambda.streamifyResponse` does. */
export function markStreamed<Handler extends LambdaFunction>(handler: Handler): Handler {
  return Object.assign(handler, { [streamingMark]: "response" });
}

/** Calls a handler with what the runtime would give it. A handler that throws at once rejects, too. */
export async function invoke(handler: LambdaFunction, args: readonly unknown[]): Promise<unknown> {
  return await Reflect.apply(handler, undefined, args);
}

/** The context of one invocation, which tells how many milliseconds are left of its time. */
export function lambdaContext(
  functionName: string,
  requestId: string,
  remainingMs: () => number,
): LambdaContext {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:local:${localAccountId}:function:${functionName}`,
    memoryLimitInMB: "1769",
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    getRemainingTimeInMillis: remainingMs,
  };
}

/** What is left until then, an instant in epoch milliseconds. */
export const remainingUntil = (deadline: number) => () => Math.max(0, deadline - Date.now());

/** The account that stands in ARNs and events of the one-machine host. */
export const localAccountId = "000000000000";

const streamingMark = Symbol.for("aws.lambda.runtime.handler.streaming");

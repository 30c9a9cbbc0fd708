import { finished } from "node:stream/promises";
import { answerProblem, badGateway } from "./gateway-answer.ts";
import type { Invocation } from "./invocation.ts";
import { invoke } from "./lambda-function.ts";
import { asRuntimeShows, ResponseStream } from "./response-stream.ts";
import { type StreamCaps, StreamedAnswer } from "./streamed-answer.ts";

/** Lambda's longest run, and API Gateway's for a streamed answer. */
export const streamedTimeoutMs = 15 * 60_000;

/**
 * Runs a streaming function and sends what it writes. Whatever goes wrong before the first byte is a gateway
 * problem; after it the connection is broken, so that no client takes the answer for whole.
 *
 * A client that leaves: Lambda tells its function nothing and bills it to its end. Here the machine is the
 * user's own, so the stream is destroyed: writes fail, `close` is emitted, and the function can stop reading.
 */
export async function invokeStreamed(invocation: Invocation, caps: StreamCaps): Promise<void> {
  const { handler, event, context, request, response } = invocation;
  const stream = new ResponseStream(new StreamedAnswer(request, response, caps));
  let isClientGone = false;
  response.once("close", () => {
    isClientGone = !response.writableFinished;
    stream.destroy();
  });
  const timer = setTimeout(
    () => stream.destroy(new Error(`${context.functionName} timed out`)),
    context.getRemainingTimeInMillis(),
  );
  const work = invoke(handler, [event, asRuntimeShows(stream), context]);
  try {
    await Promise.all([work, finished(stream)]);
  } catch (error) {
    if (!isClientGone) fail(invocation, error);
    stream.destroy();
    // The function's own end is awaited, so that closing the host waits for what still reads; its error is known.
    await work.catch(() => {});
  } finally {
    clearTimeout(timer);
  }
}

function fail({ request, response, context, report }: Invocation, error: unknown): void {
  report({ functionName: context.functionName, requestId: context.awsRequestId, error });
  if (!response.headersSent) answerProblem(response, context.awsRequestId, badGateway);
  // HTTP/1.0 knows a body without a length by the end of the connection, which therefore must not be a clean one.
  else if (request.httpVersion === "1.0") request.socket.resetAndDestroy();
  else response.destroy();
}

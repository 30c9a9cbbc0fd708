import { z } from "zod";
import { functionHeaders, headersSchema, multiValueHeadersSchema, setHeaders } from "./function-headers.ts";
import { answerProblem, badGateway, gatewayTimeout } from "./gateway-answer.ts";
import type { Invocation } from "./invocation.ts";
import { invoke } from "./lambda-function.ts";

/** API Gateway's patience with an integration that answers as a whole. */
export const bufferedTimeoutMs = 29_000;

/**
 * Runs a function that returns its whole answer, and sends it. Whatever is no answer of a proxy integration is a
 * gateway problem.
 * Source: API Gateway developer guide, "Output format of a Lambda function for proxy integration".
 */
export async function invokeBuffered(invocation: Invocation): Promise<void> {
  const { handler, event, context, response, report } = invocation;
  const work = invoke(handler, [event, context]);
  try {
    const outcome = await withDeadline(work, context.getRemainingTimeInMillis());
    if (outcome === timedOut) answerProblem(response, context.awsRequestId, gatewayTimeout);
    else send(invocation, answerSchema.parse(outcome));
  } catch (error) {
    report({ functionName: context.functionName, requestId: context.awsRequestId, error });
    answerProblem(response, context.awsRequestId, badGateway);
  }
}

function send({ response }: Invocation, answer: FunctionAnswer): void {
  const body = Buffer.from(answer.body ?? "", answer.isBase64Encoded ? "base64" : "utf8");
  const lines = functionHeaders(answer.headers, answer.multiValueHeaders).map((line) =>
    line.name.toLowerCase() === "content-length" ? { ...line, name: remappedContentLength } : line,
  );
  setHeaders(response, lines);
  // API Gateway's own word for a body whose type the function does not tell.
  if (!response.hasHeader("content-type")) response.setHeader("Content-Type", "application/json");
  if (![204, 304].includes(answer.statusCode)) response.setHeader("Content-Length", body.length);
  response.writeHead(answer.statusCode);
  response.end(body);
}

async function withDeadline(work: Promise<unknown>, milliseconds: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise((resolve) => {
    timer = setTimeout(() => resolve(timedOut), milliseconds);
  });
  return await Promise.race([work, deadline]).finally(() => clearTimeout(timer));
}

const timedOut = Symbol("timed out");

/** A buffered REST integration counts the body itself and moves the function's own count out of the way. */
const remappedContentLength = "x-amzn-Remapped-Content-Length";

const answerSchema = z.object({
  statusCode: z.coerce.number().int().min(200).max(599),
  headers: headersSchema,
  multiValueHeaders: multiValueHeadersSchema,
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

type FunctionAnswer = z.output<typeof answerSchema>;

import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { onTestFinished } from "vitest";
import type { FunctionFailure } from "../../../local/api-gateway/invocation.ts";
import type { LambdaContext, LambdaFunction } from "../../../local/api-gateway/lambda-function.ts";
import type { HostRoute } from "../../../local/api-gateway/match-route.ts";
import type { ApiDefinition } from "../../../local/api-gateway/request-pipeline.ts";
import { installLambdaGlobal } from "../../../local/api-gateway/response-stream.ts";
import { type ApiGateway, startApiGateway } from "../../../local/api-gateway/server.ts";

installLambdaGlobal();

export interface TestHost extends ApiGateway {
  /** What functions failed with, in order. */
  readonly failures: FunctionFailure[];
}

export type StreamingHandler = (
  event: APIGatewayProxyEvent,
  responseStream: awslambda.HttpResponseStream,
  context: LambdaContext,
) => Promise<void>;

/** A host that is closed when its test is over. */
export async function startHost(options: Partial<ApiDefinition> = {}): Promise<TestHost> {
  const failures: FunctionFailure[] = [];
  const gateway = await startApiGateway({
    port: 0,
    routes: [],
    functions: {},
    region: "us-east-1",
    report: (failure) => failures.push(failure),
    ...options,
  });
  onTestFinished(() => gateway.close());
  return { ...gateway, failures };
}

/** A host with one buffered function at `/{name}` and `/v2/zipball`, for any of the usual methods. */
export function startBuffered(
  handler: LambdaFunction,
  options: Partial<ApiDefinition> = {},
): Promise<TestHost> {
  return startHost({ routes: routesTo("buffered"), functions: { function: handler }, ...options });
}

/** A host with one streaming function at the same places. */
export function startStreamed(
  handler: StreamingHandler,
  options: Partial<ApiDefinition> = {},
): Promise<TestHost> {
  const wrapped = awslambda.streamifyResponse(handler);
  return startHost({ routes: routesTo("streamed"), functions: { function: wrapped }, ...options });
}

function routesTo(response: HostRoute["response"]): HostRoute[] {
  const resources = ["/v2/zipball", "/{name}"];
  return ["GET", "HEAD", "POST"].flatMap((method) =>
    resources.map((resource) => ({
      method,
      resource,
      functionName: "function",
      response,
      authorized: false,
    })),
  );
}

/** A response whose body nobody has read yet, and which stays unread until somebody does. */
export async function open(url: string, method = "GET"): Promise<IncomingMessage> {
  const sent = request(url, { method, agent: false }).end();
  const [response] = await once(sent, "response");
  return response;
}

/** The bytes of a body, and whether it came to its end or the connection broke. */
export async function readWhole(response: IncomingMessage): Promise<WholeOrBroken> {
  const chunks: Buffer[] = [];
  response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => {});
  await new Promise((resolve) => response.once("close", resolve));
  return { body: Buffer.concat(chunks), isWhole: response.complete };
}

/** As `readWhole`; a connection that breaks before the headers are through is broken, too. */
export async function download(url: string): Promise<WholeOrBroken> {
  const response = await open(url).catch(() => undefined);
  return response === undefined ? { body: Buffer.alloc(0), isWhole: false } : await readWhole(response);
}

export interface WholeOrBroken {
  readonly body: Buffer;
  readonly isWhole: boolean;
}

/** Everything the server says to raw bytes, until it closes the connection. */
export async function sayRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  socket.on("error", () => {});
  let said = "";
  socket.on("data", (text) => {
    said += text;
  });
  socket.write(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
  return said;
}

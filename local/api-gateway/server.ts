import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { closeServer, listenOnLoopback } from "../loopback.ts";
import { answerProblem, badGateway, problemBody } from "./gateway-answer.ts";
import { isStreamed } from "./lambda-function.ts";
import { announcesTooMuch } from "./request-body.ts";
import { type ApiDefinition, RequestPipeline } from "./request-pipeline.ts";

export interface ApiGatewayOptions extends ApiDefinition {
  /** 0: a free one. */
  readonly port: number;
}

export interface ApiGateway {
  /** Where the routes begin, stage included, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Resolves when all requests that are under way now are answered, or after so many milliseconds. */
  answered(atMostMs: number): Promise<void>;
  /** Stops listening, breaks what is under way, and waits until the functions have noticed (5 s at most). */
  close(): Promise<void>;
}

/**
 * API Gateway (REST) and Lambda on 127.0.0.1: makes a proxy event of each request, asks the authorizer, runs the
 * function and sends its answer, whole or streamed.
 * Throws: Error when a function is missing or streams where its route does not; EADDRINUSE.
 */
export async function startApiGateway(options: ApiGatewayOptions): Promise<ApiGateway> {
  checkFunctions(options);
  const pipeline = new RequestPipeline(options);
  const underWay = new Set<Promise<void>>();
  const track = (request: IncomingMessage, response: ServerResponse) => {
    const requestId = randomUUID();
    const work = pipeline
      .handle({ request, response, requestId })
      .catch((error: unknown) => {
        options.report({ functionName: "api-gateway", requestId, error });
        if (response.headersSent) response.destroy();
        else answerProblem(response, requestId, badGateway);
      })
      .finally(() => underWay.delete(work));
    underWay.add(work);
  };
  const server = createServer(track)
    .on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
      if (!announcesTooMuch(request)) response.writeContinue();
      track(request, response);
    })
    .on("clientError", refuseMalformed);
  const port = await listenOnLoopback(server, options.port);
  return {
    url: `http://127.0.0.1:${port}${options.stage ? `/${options.stage}` : ""}`,
    port,
    answered: (atMostMs) => atMost(atMostMs, Promise.allSettled(underWay)),
    async close() {
      await closeServer(server);
      await atMost(closePatienceMs, Promise.allSettled(underWay));
    },
  };
}

function checkFunctions({ routes, functions }: ApiDefinition): void {
  for (const route of routes) {
    const handler = functions[route.functionName];
    if (handler === undefined) throw new Error(`There is no function ${route.functionName}`);
    if (isStreamed(handler) !== (route.response === "streamed")) {
      throw new Error(`The route of ${route.functionName} is ${route.response}, but its handler is not`);
    }
    if (route.authorized && functions.authorizer === undefined) throw new Error("There is no authorizer");
  }
}

/** Answers what is no HTTP request, or one whose headers are too long, in the gateway's words. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400;
  const { body } = problemBody({ problem: "DEFAULT_4XX", status }, randomUUID());
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, patience]);
  clearTimeout(timer);
}

const closePatienceMs = 5_000;

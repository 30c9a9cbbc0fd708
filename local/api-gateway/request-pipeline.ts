import type { IncomingMessage, ServerResponse } from "node:http";
import { type Authorization, TokenAuthorizer } from "./authorize.ts";
import { answerProblem, type GatewayAnswer } from "./gateway-answer.ts";
import type { ReportFailure } from "./invocation.ts";
import { bufferedTimeoutMs, invokeBuffered } from "./invoke-buffered.ts";
import { invokeStreamed, streamedTimeoutMs } from "./invoke-streamed.ts";
import { type LambdaFunction, lambdaContext, localAccountId, remainingUntil } from "./lambda-function.ts";
import { type HostRoute, matchRoute, type RouteMatch } from "./match-route.ts";
import { localApiId, proxyEvent, rootStageName } from "./proxy-event.ts";
import { readBody } from "./request-body.ts";
import { parseRequestTarget, pathUnderStage, type RequestTarget } from "./request-target.ts";
import type { StreamCaps } from "./streamed-answer.ts";

/** What the API is made of. */
export interface ApiDefinition {
  readonly routes: readonly HostRoute[];
  /** Handlers by function name; `authorizer` is the TOKEN authorizer of the routes that ask for one. */
  readonly functions: Readonly<Record<string, LambdaFunction>>;
  readonly region: string;
  /** Everything lives under `/<stage>`; "" (or none): at the root, as behind a custom domain. */
  readonly stage?: string;
  /** How long an authorizer's policy is kept; none: not at all. */
  readonly authorizerTtlSeconds?: number;
  /** Time one function may take; none: Lambda's 15 minutes, and API Gateway's 29 seconds for buffered answers. */
  readonly functionTimeoutMs?: number;
  readonly streamCaps?: StreamCaps;
  readonly report: ReportFailure;
}

/** One HTTP request and the id that stands in its answer. */
export interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
}

interface Routed {
  readonly match: RouteMatch;
  readonly target: RequestTarget;
  /** The path under the stage. */
  readonly path: string;
}

type Granted = Readonly<Record<string, string>> | undefined;

/** The way of a request through API Gateway: route, authorizer, body, function. Each may answer and end it. */
export class RequestPipeline {
  readonly #api: ApiDefinition;
  readonly #stage: string;
  readonly #authorizer: TokenAuthorizer | undefined;

  constructor(api: ApiDefinition) {
    this.#api = api;
    this.#stage = api.stage ?? "";
    const { authorizer } = api.functions;
    this.#authorizer = authorizer && new TokenAuthorizer(authorizer, api.authorizerTtlSeconds ?? 0);
  }

  async handle(arrival: Arrival): Promise<void> {
    const refuse = (answer: GatewayAnswer) => answerProblem(arrival.response, arrival.requestId, answer);
    const target = parseRequestTarget(arrival.request.url ?? "");
    if (target === undefined) return refuse({ problem: "DEFAULT_4XX" });
    const routed = this.#route(arrival.request.method ?? "", target);
    if (routed === undefined) return refuse({ problem: "MISSING_AUTHENTICATION_TOKEN" });
    const authorization = await this.#authorize(arrival, routed);
    if (authorization?.kind === "refused") return refuse(authorization.answer);
    const body = await readBody(arrival.request);
    if (body.kind === "too-large") return refuse({ problem: "REQUEST_TOO_LARGE" });
    if (body.kind === "whole") await this.#invoke(arrival, routed, body.text, authorization?.context);
  }

  #route(method: string, target: RequestTarget): Routed | undefined {
    const path = pathUnderStage(target.path, this.#stage);
    if (path === undefined) return undefined;
    const match = matchRoute(this.#api.routes, method, path);
    return match && { match, target, path };
  }

  /** Undefined: the route asks for no authorization. */
  async #authorize(arrival: Arrival, { match, path }: Routed): Promise<Authorization | undefined> {
    if (!match.route.authorized) return undefined;
    if (this.#authorizer === undefined) throw new Error("There is no authorizer");
    const { region, report } = this.#api;
    const api = `arn:aws:execute-api:${region}:${localAccountId}:${localApiId}`;
    const authorization = await this.#authorizer.authorize({
      token: arrival.request.headers.authorization,
      methodArn: `${api}/${this.#stage || rootStageName}/${match.route.method}${path}`,
      context: lambdaContext("authorizer", arrival.requestId, remainingUntil(Date.now() + bufferedTimeoutMs)),
    });
    if (authorization.kind === "refused" && authorization.failure !== undefined) {
      report({ functionName: "authorizer", requestId: arrival.requestId, error: authorization.failure });
    }
    return authorization;
  }

  async #invoke(arrival: Arrival, routed: Routed, body: string, authorizer: Granted): Promise<void> {
    const { functionName, response: mode } = routed.match.route;
    const handler = this.#api.functions[functionName];
    if (handler === undefined) throw new Error(`There is no function ${functionName}`);
    const { request, response, requestId } = arrival;
    const receivedAt = new Date();
    const domainName = `127.0.0.1:${request.socket.localPort}`;
    const facts = { ...routed, requestId, body, stage: this.#stage, domainName, receivedAt, authorizer };
    const defaultTimeoutMs = mode === "streamed" ? streamedTimeoutMs : bufferedTimeoutMs;
    const deadline = receivedAt.getTime() + (this.#api.functionTimeoutMs ?? defaultTimeoutMs);
    const invocation = {
      handler,
      event: proxyEvent(request, facts),
      context: lambdaContext(functionName, requestId, remainingUntil(deadline)),
      request,
      response,
      report: this.#api.report,
    };
    response.setHeader("x-amzn-RequestId", requestId);
    if (mode === "streamed") await invokeStreamed(invocation, this.#api.streamCaps ?? {});
    else await invokeBuffered(invocation);
  }
}

import { routes } from "../lambdas/api/routes.ts";
import type { ReportFailure } from "./api-gateway/invocation.ts";
import { type ApiGateway, startApiGateway } from "./api-gateway/server.ts";
import type { StreamCaps } from "./api-gateway/streamed-answer.ts";
import type { OnClose } from "./embedded-server.ts";
import type { Services } from "./endpoints.ts";
import { mapQueue } from "./events/event-source-mapping.ts";
import { type FunctionVariables, type LambdaFunctions, loadLambdaFunctions } from "./lambda-functions.ts";
import { portProblem } from "./loopback.ts";
import type { Endpoints } from "./servers.ts";
import { ballsTable, catalogTable, ratesTable, tokensTable } from "./tables.ts";

export interface FunctionOptions {
  /** Of the API. */
  readonly port: number;
  /** Stage under which the API lives, as in `/prod`; none: at the root. */
  readonly stage?: string;
  /** Variables of the functions over those that the stack gives them; "" unsets one. */
  readonly variables?: FunctionVariables;
  readonly streamCaps?: StreamCaps;
  readonly functionTimeoutMs?: number;
  readonly report?: ReportFailure;
}

/**
 * Loads the functions and starts what calls them: the API, and the queue of object events. Answers the API.
 * Throws: StartProblem when its port can not be had.
 */
export async function startFunctions(
  options: FunctionOptions,
  services: Services,
  endpoints: Endpoints,
  onClose: OnClose,
): Promise<ApiGateway> {
  const { region, credentials } = services;
  const { report = ignore } = options;
  const variables = functionVariables(options, endpoints);
  const functions = await loadLambdaFunctions({ variables, region, credentials });
  onClose(() => functions.restoreEnvironment());
  const api = await startApi({ ...options, report }, functions, region);
  const stopIndexing = mapQueue({
    queue: endpoints.objectEvents,
    region,
    functionName: "indexer",
    handler: functions.indexer,
    report,
    // One process does everything: who waits for an answer comes first, and nobody waits for this.
    beforeCall: () => api.answered(longestPauseMs),
    restPerWork: 3,
  });
  onClose(stopIndexing);
  onClose(() => api.close());
  return api;
}

function functionVariables(
  { port, stage = "", variables }: FunctionOptions,
  endpoints: Endpoints,
): FunctionVariables {
  return {
    S3_ENDPOINT: endpoints.s3,
    DYNAMODB_ENDPOINT: endpoints.dynamodb,
    BALLS_TABLE: ballsTable,
    TOKENS_TABLE: tokensTable,
    CATALOG_TABLE: catalogTable,
    RATES_TABLE: ratesTable,
    PUBLIC_URL: `http://127.0.0.1:${port}${stage === "" ? "" : `/${stage}`}`,
    ...variables,
  };
}

async function startApi(
  options: FunctionOptions & { readonly report: ReportFailure },
  functions: LambdaFunctions,
  region: string,
): Promise<ApiGateway> {
  const { port, stage = "", streamCaps, functionTimeoutMs, report } = options;
  try {
    return await startApiGateway({
      port,
      routes,
      functions: functions.api,
      region,
      stage,
      ...(streamCaps && { streamCaps }),
      ...(functionTimeoutMs !== undefined && { functionTimeoutMs }),
      report,
    });
  } catch (error) {
    throw portProblem(error, port);
  }
}

const ignore: ReportFailure = () => {};
const longestPauseMs = 2000;

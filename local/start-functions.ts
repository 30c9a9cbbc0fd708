import { routes } from "../lambdas/api/routes.ts";
import type { ReportFailure } from "./api-gateway/invocation.ts";
import { type ApiGateway, startApiGateway } from "./api-gateway/server.ts";
import type { StreamCaps } from "./api-gateway/streamed-answer.ts";
import type { OnClose } from "./embedded-server.ts";
import type { Services } from "./endpoints.ts";
import { lambdaStreamCaps, lambdaStreamLimitBytes } from "./lambda-caps.ts";
import { type FunctionVariables, type LambdaFunctions, loadLambdaFunctions } from "./lambda-functions.ts";
import { portProblem } from "./loopback.ts";
import { type AssemblerOptions, mapQueues } from "./map-queues.ts";
import { startResuming } from "./resume-assemblies.ts";
import type { Endpoints } from "./servers.ts";
import { ballsTable, catalogTable, ratesTable, tokensTable } from "./tables.ts";

export interface FunctionOptions {
  /** Of the API. */
  readonly port: number;
  /** Stage under which the API lives, as in `/prod`; none: at the root. */
  readonly stage?: string;
  /** Variables of the functions over those that the stack gives them; "" unsets one. */
  readonly variables?: FunctionVariables;
  /** Whether answers are streamed under Lambda's caps, and longer archives assembled; otherwise they have none. */
  readonly lambdaCaps?: boolean;
  /** Over those of Lambda. */
  readonly streamCaps?: StreamCaps;
  /** Of what the API calls. */
  readonly functionTimeoutMs?: number;
  /** How the assembler is called. */
  readonly assembler?: AssemblerOptions;
  readonly report?: ReportFailure;
}

/**
 * Loads the functions and starts what calls them: the API, and the queues of object events and of assembly work.
 * Answers the API.
 * Throws: StartProblem when its port can not be had.
 */
export async function startFunctions(
  options: FunctionOptions,
  services: Services,
  endpoints: Endpoints,
  onClose: OnClose,
): Promise<ApiGateway> {
  const { region, credentials } = services;
  const { report = ignore, assembler = {} } = options;
  const variables = functionVariables(options, services, endpoints);
  const functions = await loadLambdaFunctions({ variables, region, credentials });
  onClose(() => functions.restoreEnvironment());
  const api = await startApi({ ...options, report }, functions, region);
  const stopQueues = mapQueues({ endpoints, functions, api, region, assembler, report });
  const stopResuming = startResuming(services, endpoints, report);
  onClose(async () => void (await Promise.all([api.close(), stopQueues(), stopResuming()])));
  return api;
}

function functionVariables(
  { port, stage = "", lambdaCaps = false, variables }: FunctionOptions,
  { archivesBucket }: Services,
  endpoints: Endpoints,
): FunctionVariables {
  return {
    S3_ENDPOINT: endpoints.s3,
    DYNAMODB_ENDPOINT: endpoints.dynamodb,
    SQS_ENDPOINT: endpoints.sqs,
    ASSEMBLY_QUEUE_URL: endpoints.assembly.url,
    ARCHIVES_BUCKET: archivesBucket,
    // All functions share the memory of this process.
    PARTS_IN_MEMORY: "1",
    BALLS_TABLE: ballsTable,
    TOKENS_TABLE: tokensTable,
    CATALOG_TABLE: catalogTable,
    RATES_TABLE: ratesTable,
    PUBLIC_URL: `http://127.0.0.1:${port}${stage === "" ? "" : `/${stage}`}`,
    ...(lambdaCaps && { STREAM_LIMIT_BYTES: String(lambdaStreamLimitBytes) }),
    ...variables,
  };
}

async function startApi(
  options: FunctionOptions & { readonly report: ReportFailure },
  functions: LambdaFunctions,
  region: string,
): Promise<ApiGateway> {
  const { port, stage = "", lambdaCaps = false, functionTimeoutMs, report } = options;
  try {
    return await startApiGateway({
      port,
      routes,
      functions: functions.api,
      region,
      stage,
      streamCaps: { ...(lambdaCaps && lambdaStreamCaps), ...options.streamCaps },
      ...(functionTimeoutMs !== undefined && { functionTimeoutMs }),
      report,
    });
  } catch (error) {
    throw portProblem(error, port);
  }
}

const ignore: ReportFailure = () => {};

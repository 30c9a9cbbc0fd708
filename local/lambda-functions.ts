import { z } from "zod";
import { routes } from "../lambdas/api/routes.ts";
import type {
  AssemblerVariables,
  AuthorizerVariables,
  CreateBallVariables,
  CreateZipDownloadVariables,
  DownloadVariables,
  IndexerVariables,
  MetadataVariables,
  OpenapiVariables,
  ZipDownloadStatusVariables,
} from "../lambdas/env.ts";
import type { LambdaFunction } from "./api-gateway/lambda-function.ts";
import { installLambdaGlobal } from "./api-gateway/response-stream.ts";
import type { Credentials } from "./endpoints.ts";

type AllVariables = AssemblerVariables &
  AuthorizerVariables &
  CreateBallVariables &
  CreateZipDownloadVariables &
  DownloadVariables &
  IndexerVariables &
  MetadataVariables &
  OpenapiVariables &
  ZipDownloadStatusVariables;

/** The variables of every deployed function; one process runs them all, so they share one environment. */
export type FunctionVariables = Readonly<Partial<Record<keyof AllVariables, string>>>;

/** What API Gateway calls. */
const apiFunctionNames = [...new Set(routes.map((route) => route.functionName)), "authorizer"];

export interface LambdaFunctions {
  /** What API Gateway calls, by name. */
  readonly api: Readonly<Record<string, LambdaFunction>>;
  /** What the queue of object events calls. */
  readonly indexer: LambdaFunction;
  /** What the queue of assembly work calls. */
  readonly assembler: LambdaFunction;
  /** Gives this process back the environment it had. */
  restoreEnvironment(): void;
}

export interface FunctionSettings {
  readonly variables: FunctionVariables;
  readonly region: string;
  readonly credentials: Credentials;
}

/**
 * Loads the handlers of lambdas/ as the managed runtime does: `awslambda` and the environment first, then their
 * modules, which read the environment once, while they are loaded. The AWS SDK reads its credentials later, at its
 * first request, so that the environment stays until `restoreEnvironment`: one stack at a time in a process.
 */
export async function loadLambdaFunctions(settings: FunctionSettings): Promise<LambdaFunctions> {
  installLambdaGlobal();
  const restoreEnvironment = replaceEnvironment({
    ...settings.variables,
    AWS_REGION: settings.region,
    AWS_ACCESS_KEY_ID: settings.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: settings.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: settings.credentials.sessionToken,
    // A profile of the machine's owner would win over the keys above.
    AWS_PROFILE: undefined,
  });
  // A later stack of the same process (tests start several) needs modules that read its own environment: the
  // query makes the loader take the entry modules as new ones. What they import has no environment and is shared.
  loadCount += 1;
  const load = async (name: string) => {
    const address = new URL(`../lambdas/${name}.ts?load=${loadCount}`, import.meta.url).href;
    return moduleSchema.parse(await import(address)).handler;
  };
  try {
    const loaded = await Promise.all(apiFunctionNames.map(async (name) => [name, await load(name)] as const));
    const [indexer, assembler] = await Promise.all([load("indexer"), load("assembler")]);
    return { api: Object.fromEntries(loaded), indexer, assembler, restoreEnvironment };
  } catch (error) {
    restoreEnvironment();
    throw error;
  }
}

/** Sets and unsets variables; returns what puts their old values back. */
function replaceEnvironment(variables: Record<string, string | undefined>): () => void {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  const apply = (values: Record<string, string | undefined>) => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  apply(variables);
  return () => apply(before);
}

let loadCount = 0;

const isFunction = (value: unknown): value is LambdaFunction => typeof value === "function";

const moduleSchema = z.object({ handler: z.custom<LambdaFunction>(isFunction, "must export a handler") });

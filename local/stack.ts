import { basename, resolve } from "node:path";
import type { ApiGateway } from "./api-gateway/server.ts";
import { type LocalConnection, takeDataFolder } from "./data-folder.ts";
import type { OnClose } from "./embedded-server.ts";
import { readServices, type Services } from "./endpoints.ts";
import { checkFolder } from "./fill-bucket/check-folder.ts";
import { type Progress, silentProgress } from "./fill-bucket/progress.ts";
import { sampleFolder } from "./fill-bucket/sample.ts";
import { reservePort } from "./loopback.ts";
import { prepareBucket } from "./prepare-bucket.ts";
import { prepareTables } from "./prepare-tables.ts";
import { type Endpoints, startServers } from "./servers.ts";
import { type FunctionOptions, startFunctions } from "./start-functions.ts";
import { catalogTable } from "./tables.ts";

export interface StackOptions extends FunctionOptions {
  /** Of the API; the others take the next ones that are free. 0: free ones for all. */
  readonly port: number;
  /** Where everything is kept; made if absent. */
  readonly dataDir: string;
  /** A folder whose files are put into the bucket; none: a small sample, if the bucket is empty. */
  readonly folder?: string;
  /** Where endpoints and AWS credentials are looked up; none: this process's environment. */
  readonly environment?: Record<string, string | undefined>;
  readonly progress?: Progress;
  /** Aborting it gives up what takes long: filling the bucket. */
  readonly signal?: AbortSignal;
}

/** A running stack. */
export interface Stack {
  /** What stands in `DIR/local.json`. */
  readonly connection: LocalConnection;
  /** The folder of the bucket that is there to be tried. */
  readonly demoFolder: string;
  /** Stops all of it; what is under way is broken off. Closing twice is closing once. */
  close(): Promise<void>;
}

/**
 * Starts everything in this process, fills the bucket, and writes `DIR/local.json` when all is ready. One stack at
 * a time in a process: the functions' environment is the process's own.
 * Throws: StartProblem for what whoever starts it can set right: ports, folders, endpoints; the signal's reason.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const closers: (() => void | Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    if (options.folder !== undefined) await checkFolder(options.folder);
    const started = await start(options, (close) => closers.push(close));
    return { ...started, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function start(options: StackOptions, onClose: OnClose): Promise<Omit<Stack, "close">> {
  const dataFolder = takeDataFolder(resolve(options.dataDir));
  onClose(() => dataFolder.release());
  const { token } = dataFolder.secrets;
  const services = readServices(options.environment ?? process.env, dataFolder.secrets);
  // Held from the beginning: a port in use must be told before thousands of files are uploaded, and the links
  // that the functions make need its number.
  const apiPort = await reservePort(options.port);
  onClose(() => apiPort.release());
  const firstPort = options.port === 0 ? 0 : options.port + 1;
  const endpoints = await startServers({ dataDir: dataFolder.path, firstPort, services, onClose });
  await prepareTables({ services, endpoint: endpoints.dynamodb, token });
  const folder = options.folder === undefined ? undefined : resolve(options.folder);
  await prepareBucket({
    services,
    endpoint: endpoints.s3,
    folder,
    except: dataFolder.path,
    progress: options.progress ?? silentProgress,
    signal: options.signal ?? new AbortController().signal,
  });
  await apiPort.release();
  const api = await startFunctions({ ...options, port: apiPort.port }, services, endpoints, onClose);
  const connection = connectionOf(api, token, services, endpoints);
  dataFolder.announce(connection);
  return { connection, demoFolder: folder === undefined ? sampleFolder : basename(folder) };
}

function connectionOf(
  api: ApiGateway,
  token: string,
  services: Services,
  endpoints: Endpoints,
): LocalConnection {
  const { region, bucket, archivesBucket } = services;
  const { accessKeyId, secretAccessKey } = services.credentials;
  return {
    api: api.url,
    token,
    s3: { endpoint: endpoints.s3, region, bucket, archivesBucket, accessKeyId, secretAccessKey },
    dynamodb: { endpoint: endpoints.dynamodb, catalogTable },
    sqs: {
      endpoint: endpoints.sqs,
      objectEventsQueueUrl: endpoints.objectEvents.url,
      assemblyQueueUrl: endpoints.assembly.url,
      assemblyDeadLettersUrl: endpoints.assembly.deadLettersUrl,
    },
  };
}

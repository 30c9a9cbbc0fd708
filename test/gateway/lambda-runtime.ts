import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { closeServer, listenOnLoopback } from "../../local/loopback.ts";

/** What the runtime posted for one invocation. */
export interface RuntimeAnswer {
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  /** Trailers tell of a failure in the middle of the body. */
  readonly trailers: IncomingMessage["trailers"];
}

/** A function as Lambda runs it: AWS's own runtime interface client in a process, and its Runtime API here. */
export interface LambdaRuntime {
  /** Hands one event to the function and resolves when the runtime has posted its answer. */
  invoke(event: object): Promise<RuntimeAnswer>;
  /** What the process wrote. */
  readonly output: () => string;
  readonly isRunning: () => boolean;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  /** Path of aws-lambda-ric's index.mjs. */
  readonly client: string;
  /** Path of the function's entry module. */
  readonly entry: string;
  /** Where its bundle is put. */
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Bundles a function as it is deployed and starts it under AWS's runtime interface client. */
export async function startLambdaRuntime(options: RuntimeOptions): Promise<LambdaRuntime> {
  const { client, entry, folder } = options;
  await bundle(entry, join(folder, "function.mjs"));
  const api = new RuntimeApi();
  const server = createServer((request, response) => api.answer(request, response));
  const port = await listenOnLoopback(server, 0);
  const { process: runtime, output } = run(client, folder, {
    ...variablesOf(folder, port),
    ...options.variables,
  });
  return {
    invoke: (event) => api.invoke(event),
    output,
    isRunning: () => runtime.exitCode === null && runtime.signalCode === null,
    close: async () => {
      const exited = runtime.exitCode !== null || runtime.signalCode !== null || once(runtime, "exit");
      runtime.kill("SIGKILL");
      await exited;
      await closeServer(server);
    },
  };
}

async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    mainFields: ["module", "main"],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
}

function variablesOf(folder: string, port: number): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
    _HANDLER: "function.handler",
    LAMBDA_TASK_ROOT: folder,
    AWS_LAMBDA_FUNCTION_NAME: "function",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1769",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/function",
    AWS_LAMBDA_LOG_STREAM_NAME: "stream",
    // Asks for invocations over HTTP in JavaScript; without it a native module does.
    AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: "true",
  };
}

/** The native module is loaded all the same, and never used: an empty one stands in for it. */
function run(client: string, folder: string, env: Record<string, string>) {
  mkdirSync(join(folder, "hooks"));
  const empty = join(folder, "hooks", "empty.cjs");
  const hook = join(folder, "hooks", "hook.mjs");
  writeFileSync(empty, "module.exports = {};\n");
  writeFileSync(
    hook,
    `import { registerHooks } from "node:module";
     registerHooks({
       resolve: (specifier, context, next) =>
         next(specifier.endsWith("rapid-client.node") ? ${JSON.stringify(empty)} : specifier, context),
     });`,
  );
  const child: ChildProcess = spawn(process.execPath, ["--import", pathToFileURL(hook).href, client], {
    env,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return { process: child, output: () => output };
}

interface Waiting {
  readonly event: object;
  readonly answered: PromiseWithResolvers<RuntimeAnswer>;
}

/** Lambda's Runtime API, as far as a function that streams uses it; one invocation at a time. */
class RuntimeApi {
  readonly #waiting: Waiting[] = [];
  readonly #underWay = new Map<string, Waiting>();
  #asking: ServerResponse | undefined;
  #invocationCount = 0;

  invoke(event: object): Promise<RuntimeAnswer> {
    const waiting = { event, answered: Promise.withResolvers<RuntimeAnswer>() };
    this.#waiting.push(waiting);
    this.#handOver();
    return waiting.answered.promise;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const invocation = /\/invocation\/(.+)\/response$/.exec(request.url ?? "")?.[1];
    if (request.url?.endsWith("/invocation/next")) {
      this.#asking = response;
      this.#handOver();
    } else if (invocation !== undefined) void this.#take(invocation, request, response);
    else response.writeHead(202).end("{}");
  }

  #handOver(): void {
    const [asking, waiting] = [this.#asking, this.#waiting[0]];
    if (asking === undefined || waiting === undefined) return;
    this.#asking = undefined;
    this.#waiting.shift();
    this.#invocationCount += 1;
    const id = `invocation-${this.#invocationCount}`;
    this.#underWay.set(id, waiting);
    asking.writeHead(200, {
      "Content-Type": "application/json",
      "Lambda-Runtime-Aws-Request-Id": id,
      "Lambda-Runtime-Deadline-Ms": Date.now() + 60_000,
      "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:local:000000000000:function:function",
    });
    asking.end(JSON.stringify(waiting.event));
  }

  async #take(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answered = this.#underWay.get(id)?.answered;
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      response.writeHead(202).end("{}");
      answered?.resolve({
        headers: request.headers,
        body: Buffer.concat(chunks),
        trailers: request.trailers,
      });
    } catch (error) {
      answered?.reject(error);
    }
  }
}

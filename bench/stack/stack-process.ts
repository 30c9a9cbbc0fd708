import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { frugalAllocator } from "../../local/frugal-allocator.ts";

const root = new URL("../../", import.meta.url);

/** A stack as `npm start` runs it. */
export interface StackProcess {
  readonly connection: Connection;
  readonly dataDir: string;
  readonly pid: number;
  /** What its S3 was asked since it began. */
  requestCounts(): Promise<RequestCounts>;
  /** Ends it as Ctrl-C does. */
  stop(): Promise<void>;
}

type Connection = z.output<typeof connectionSchema>;
export type RequestCounts = z.output<typeof countsSchema>;

/** Starts a stack with Node's options of package.json's start script. Throws: Error when it does not start. */
export async function startStackProcess(dataDir: string): Promise<StackProcess> {
  const counter = new URL("./count-requests.ts", import.meta.url).href;
  const { program, nodeOptions } = startScript();
  const child = fork(program, ["--port", "0", "--data", dataDir], {
    cwd: root,
    // With the allocator it would otherwise begin itself again for, without this process's channel.
    env: { ...frugalAllocator, ...ownEnvironment() },
    execArgv: [...nodeOptions, "--import", counter],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill("SIGINT"))
      await once(child, "exit");
  };
  try {
    const connection = await announced(child, join(dataDir, "local.json"));
    if (child.pid === undefined) throw new Error("A process that runs has an id");
    return { connection, dataDir, pid: child.pid, requestCounts: () => countsOf(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `node OPTIONS PROGRAM` of package.json. */
function startScript(): { program: string; nodeOptions: string[] } {
  const manifest: unknown = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
  const { start } = z.object({ scripts: z.object({ start: z.string() }) }).parse(manifest).scripts;
  const words = start.split(/\s+/);
  const program = words.pop();
  if (program === undefined || words.shift() !== "node")
    throw new Error(`This is no start of Node: ${start}`);
  return { program, nodeOptions: words };
}

/** Without what would replace an embedded server by another. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const { S3_ENDPOINT: _s3, DYNAMODB_ENDPOINT: _dynamodb, SQS_ENDPOINT: _sqs, ...environment } = process.env;
  return environment;
}

/** What `local.json` says, which appears when the stack is ready. */
async function announced(child: ChildProcess, file: string): Promise<Connection> {
  while (!existsSync(file)) {
    if (child.exitCode !== null) throw new Error(`The stack ended with code ${child.exitCode}`);
    await delay(50);
  }
  return connectionSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

async function countsOf(child: ChildProcess): Promise<RequestCounts> {
  const answer = once(child, "message");
  child.send("counts");
  const [counts] = await answer;
  return countsSchema.parse(counts);
}

const countsSchema = z.object({ listings: z.number(), heads: z.number() });

const connectionSchema = z.object({
  api: z.url(),
  token: z.string(),
  s3: z.object({
    endpoint: z.url(),
    region: z.string(),
    bucket: z.string(),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
  }),
});

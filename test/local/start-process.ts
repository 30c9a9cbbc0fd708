import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

export interface Start {
  readonly data: string;
  readonly port?: number;
  readonly folder?: string;
  readonly more?: readonly string[];
  readonly environment?: Record<string, string>;
}

/** A stack in a process of its own, as `npm start` runs it. Whoever starts it kills it. */
export interface StartedStack {
  readonly child: ChildProcess;
  readonly said: { readonly stdout: string; readonly stderr: string };
  readonly connection: Connection;
}

/** Resolves when it has said what to do next. Throws: Error with what it said instead. */
export async function startProcess({
  data,
  port = 0,
  folder,
  more = [],
  environment = {},
}: Start): Promise<StartedStack> {
  const folderArgs = folder === undefined ? [] : ["--folder", folder];
  const { child, said } = run(["--port", String(port), "--data", data, ...folderArgs, ...more], environment);
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on("data", () => said.stdout.includes("Ctrl-C stops") && resolve());
    child.once("exit", () => reject(new Error(`It did not start: ${said.stderr}`)));
  });
  const connection = connectionSchema.parse(JSON.parse(readFileSync(join(data, "local.json"), "utf8")));
  return { child, said, connection };
}

/** How a start ended that was not to come about. */
export async function startInVain(args: readonly string[], environment: Record<string, string> = {}) {
  const { child, said } = run(args, environment);
  const [exitCode] = await once(child, "close");
  return { exitCode, ...said };
}

function run(args: readonly string[], environment: Record<string, string>) {
  const { AWS_PROFILE: _profile, ...inherited } = process.env;
  const child: ChildProcess = spawn(process.execPath, ["local/start.mjs", ...args], {
    env: { ...inherited, ...environment },
  });
  const said = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    said.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    said.stderr += text;
  });
  return { child, said };
}

/** Exactly what local.json holds. */
export const connectionSchema = z.strictObject({
  api: z.url(),
  token: z.string().min(16),
  s3: z.strictObject({
    endpoint: z.url(),
    region: z.string(),
    bucket: z.string(),
    archivesBucket: z.string(),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
  }),
  dynamodb: z.strictObject({ endpoint: z.url(), catalogTable: z.string() }),
  sqs: z.strictObject({
    endpoint: z.url(),
    objectEventsQueueUrl: z.url(),
    assemblyQueueUrl: z.url(),
    assemblyDeadLettersUrl: z.url(),
  }),
});
export type Connection = z.output<typeof connectionSchema>;

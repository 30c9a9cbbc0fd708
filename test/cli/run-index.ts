import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../cli/index-bucket.ts", import.meta.url));

/** `npm run index` in a process of its own. */
export interface IndexProcess {
  readonly child: ChildProcess;
  /** When it has ended, with what it said. */
  readonly ended: Promise<{ exitCode: unknown; stdout: string; stderr: string }>;
}

/** `environment` over that of this process; undefined is unset. */
export function startIndex(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): IndexProcess {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...environment } });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said.stderr += text;
  });
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode, ...said }));
  return { child, ended };
}

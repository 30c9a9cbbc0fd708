import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { LocalConnection } from "../../local/data-folder.ts";

/** `npm start` as a process of its own, as its user runs it. */
export interface StackProcess {
  readonly connection: LocalConnection;
  readonly pid: number;
  /** Ends it as Ctrl-C does, and removes what it kept. Resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** The arguments of Node.js in the script that `npm start` runs. */
function startArguments(): string[] {
  const { scripts } = packageJson.parse(JSON.parse(readFileSync("package.json", "utf8")));
  return scripts.start.split(" ").slice(1);
}

const packageJson = z.object({ scripts: z.object({ start: z.string() }) });

/** Starts a stack with a data folder of its own; `environment` goes over this process's. */
export async function startStackProcess(environment: Record<string, string> = {}): Promise<StackProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), "zipball-e2e-"));
  const child = spawn(process.execPath, [...startArguments(), "--port", "0", "--data", dataDir], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const stop = async () => {
    if (child.exitCode === null && child.kill("SIGINT")) await once(child, "exit");
    rmSync(dataDir, { recursive: true, force: true });
    return child.exitCode;
  };
  try {
    const connection = await announced(child, join(dataDir, "local.json"));
    if (child.pid === undefined) throw new Error("A process that runs has an id");
    return { connection, pid: child.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What `local.json` says, which appears when the stack is ready. */
async function announced(child: ChildProcess, file: string): Promise<LocalConnection> {
  while (!existsSync(file)) {
    if (child.exitCode !== null) throw new Error(`The stack ended with code ${child.exitCode}`);
    await delay(50);
  }
  return JSON.parse(readFileSync(file, "utf8"));
}

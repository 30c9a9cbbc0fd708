import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { BenchContext } from "./context.ts";
import { readProcessMemory, resetPeak } from "./process-memory.ts";
import { megabytes, type Table, verdict } from "./report.ts";
import type { StackProcess } from "./stack/stack-process.ts";

/** Memory at the end over that behind the first tenth, which has warmed up what there is to warm up. */
const mostGrowth = 1.25;

/** `npm run index` of a bucket nobody has looked at: how fast, and whether its memory grows with the objects. */
export async function* indexBucket({ stack, say }: BenchContext): AsyncGenerator<Table> {
  say("index: filling the bucket");
  await stack.fill(stack.wide);
  say("index: indexing");
  const lines = await runIndex(await stack.start(), say);
  yield {
    title: "`npm run index`, in a process of its own",
    columns: ["objects so far", "resident MB", "peak MB since the line before"],
    rows: lines.map(({ text, residentBytes, peakBytes }) => [
      text,
      megabytes(residentBytes),
      megabytes(peakBytes),
    ]),
    note: describeGrowth(lines),
  };
}

function describeGrowth(lines: readonly ProgressLine[]): string {
  const [first, ...others] = lines;
  const last = others.at(-1);
  if (first === undefined || last === undefined) return "Too few objects to tell whether it grows.";
  const growth = last.residentBytes / first.residentBytes;
  const held = verdict(growth <= mostGrowth);
  return `At the last line ${growth.toFixed(2)} times what it was at the first (target ≤ ${mostGrowth}: ${held}).`;
}

interface ProgressLine {
  /** What the command says: objects, versions, how many were new, and how fast. */
  readonly text: string;
  readonly residentBytes: number;
  readonly peakBytes: number;
}

/** Runs the command as a script would, and looks at its memory whenever it says how far it is. */
async function runIndex({ connection, dataDir }: StackProcess, say: (what: string) => void) {
  const program = new URL("../cli/index-bucket.ts", import.meta.url).pathname;
  const args = [program, "--bucket", connection.s3.bucket, "--data", dataDir];
  const command = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "pipe"] });
  const { pid } = command;
  if (pid === undefined) throw new Error("The command was not started");
  const ended = once(command, "exit");
  const lines: ProgressLine[] = [];
  for await (const line of createInterface({ input: command.stderr })) {
    const text = /: (\d+ objects.*)$/.exec(line)?.[1];
    if (text === undefined || text.includes("done")) continue;
    say(`index: ${text}`);
    lines.push({ text, ...readProcessMemory(pid) });
    resetPeak(pid);
  }
  const [exitCode] = await ended;
  if (exitCode !== 0) throw new Error(`The command ended with ${exitCode}`);
  return lines;
}

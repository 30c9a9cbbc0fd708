import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { BenchContext, Section } from "./context.ts";
import { core } from "./core/core.ts";
import { create } from "./create.ts";
import { indexBucket } from "./index-bucket.ts";
import { describeMachine } from "./machine.ts";
import { memory } from "./memory.ts";
import { formatTable } from "./report.ts";
import { FilledStack } from "./stack/filled-stack.ts";
import { parseChoice } from "./stream/choice.ts";
import { stream } from "./stream/stream.ts";

/**
 * `npm run bench -- [core] [stream] [memory] [create] [index] [--scale 0.1] [--rounds 3] [--work DIR]`: Markdown on stdout,
 * progress on stderr. Of stream: `--sets small,late`, `--only zipball,floor`, and `--write` for docs/. It measures and judges nothing but what it prints: a target that is missed is a ✗, not an exit code.
 * docs/bench.md tells how it measures.
 */

const sections = { core, stream, memory, create, index: indexBucket } satisfies Record<string, Section>;
const usage = `npm run bench -- [${Object.keys(sections).join("] [")}] [--scale 1] [--rounds 3] [--work DIR] [--sets NAME,...] [--only NAME,...] [--write]`;

await main();

async function main(): Promise<void> {
  const { chosen, scale, rounds, work, streamChoice } = readArguments();
  const workDir = mkdtempSync(join(work, "zipball-bench-"));
  const clean = () => rmSync(workDir, { recursive: true, force: true });
  process.once("SIGINT", () => {
    clean();
    process.exit(130);
  });
  const stack = new FilledStack({ dataDir: join(workDir, "stack"), scale });
  const context: BenchContext = { scale, rounds, workDir, stack, streamChoice, say };
  try {
    process.stdout.write(`## Benchmark\n\n${describeMachine({ scale, rounds })}\n`);
    for (const [name, section] of chosen) {
      say(name);
      for await (const table of section(context)) process.stdout.write(`\n${formatTable(table)}`);
    }
  } finally {
    await stack.stop();
    clean();
  }
}

function readArguments() {
  const { values, positionals } = parsedArguments();
  const scale = Number(values.scale);
  const rounds = Number(values.rounds);
  const unknown = positionals.filter((name) => !Object.hasOwn(sections, name));
  if (unknown.length > 0) return stopWith(`There is no section ${unknown.join(", ")}.`);
  if (!(scale > 0 && scale <= 1)) return stopWith(`--scale ${values.scale}: from above 0 to 1.`);
  if (!(Number.isInteger(rounds) && rounds > 0)) return stopWith(`--rounds ${values.rounds}: 1 or more.`);
  const isChosen = (name: string) => positionals.length === 0 || positionals.includes(name);
  const chosen = Object.entries(sections).filter(([name]) => isChosen(name));
  return { chosen, scale, rounds, work: values.work, streamChoice: readChoice(values) };
}

function parsedArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        scale: { type: "string", default: "1" },
        rounds: { type: "string", default: "3" },
        work: { type: "string", default: tmpdir() },
        sets: { type: "string" },
        only: { type: "string" },
        write: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return stopWith(error instanceof Error ? error.message : String(error));
  }
}

function readChoice({ sets, only, write }: { sets?: string; only?: string; write: boolean }) {
  try {
    return parseChoice({ sets, only, write });
  } catch (error) {
    return stopWith(error instanceof Error ? error.message : String(error));
  }
}

function stopWith(line: string): never {
  process.stderr.write(`${line} Usage: ${usage}\n`);
  process.exit(1);
}

function say(what: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${what}\n`);
}

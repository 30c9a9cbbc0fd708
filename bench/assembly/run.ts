import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleContestants } from "../bundle-contestants.ts";
import { describeMachine } from "../machine.ts";
import { formatTable } from "../report.ts";
import { chosen } from "../stream/choice.ts";
import { replaceBetween } from "../stream/replace-between.ts";
import { assemblyTable, type SetResult } from "./assembly-table.ts";
import { compete } from "./compete.ts";
import { contestantNames } from "./contestants.ts";
import { setAt, setNames } from "./sets.ts";

/**
 * `npm run bench:assembly -- [--sets small,mixed] [--only zipball] [--workers 1] [--scale 0.1] [--rounds 2] [--work DIR] [--write]`:
 * Markdown on stdout, progress on stderr, and with `--write` into docs/bench.md, which tells how it measures.
 */

const usage = `npm run bench:assembly -- [--sets ${setNames}] [--only ${contestantNames}] [--workers 1] [--scale 1] [--rounds 2] [--work DIR] [--write]`;
const page = new URL("../../docs/bench.md", import.meta.url);

await main();

async function main(): Promise<void> {
  const { names, setChoice, scale, rounds, workerCount, work, isPublished } = readArguments();
  const workDir = mkdtempSync(join(work, "zipball-bench-"));
  const clean = () => rmSync(workDir, { recursive: true, force: true });
  process.once("SIGINT", () => {
    clean();
    process.exit(130);
  });
  try {
    const machine = describeMachine({ scale, rounds });
    const bundle = (program: URL) => bundleContestants(program, join(workDir, "contestants"));
    const programs = {
      zipball: await bundle(new URL("./worker-process.ts", import.meta.url)),
      peer: await bundle(new URL("./run-peer.ts", import.meta.url)),
    };
    const results: SetResult[] = [];
    for (const name of setChoice) {
      const set = setAt(name, scale);
      results.push(await compete({ set, names, programs, workerCount, rounds, workDir, say }));
    }
    const figures = `${machine}\n\n${formatTable(assemblyTable(results))}`;
    process.stdout.write(figures);
    if (isPublished) writeFileSync(page, replaceBetween(readFileSync(page, "utf8"), "assembly", figures));
  } finally {
    clean();
  }
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        sets: { type: "string" },
        only: { type: "string" },
        workers: { type: "string", default: "1" },
        scale: { type: "string", default: "1" },
        rounds: { type: "string", default: "2" },
        work: { type: "string", default: tmpdir() },
        write: { type: "boolean", default: false },
      },
    });
    const scale = Number(values.scale);
    if (!(scale > 0 && scale <= 1)) throw new RangeError(`--scale ${values.scale}: from above 0 to 1.`);
    return {
      setChoice: chosen("--sets", values.sets, setNames),
      names: chosen("--only", values.only, contestantNames),
      workerCount: countOf("--workers", values.workers),
      rounds: countOf("--rounds", values.rounds),
      scale,
      work: values.work,
      isPublished: values.write,
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)} Usage: ${usage}\n`);
    process.exit(1);
  }
}

function countOf(option: string, given: string): number {
  const count = Number(given);
  if (Number.isInteger(count) && count > 0) return count;
  throw new RangeError(`${option} ${given}: 1 or more.`);
}

function say(what: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${what}\n`);
}

import { join } from "node:path";
import { z } from "zod";
import { bundleContestants } from "../bundle-contestants.ts";
import { startChild } from "../child.ts";
import type { BenchContext } from "../context.ts";
import { describeMachine } from "../machine.ts";
import type { Table } from "../report.ts";
import { compete } from "./compete.ts";
import { describeObjects } from "./describe-objects.ts";
import { writeObjectSet } from "./object-set.ts";
import { publish } from "./publish.ts";
import type { SetResult } from "./results.ts";
import { setTable } from "./set-table.ts";
import { type StreamSet, setAt } from "./sets.ts";
import { verdictTable } from "./verdict-table.ts";

/** One archive of the same objects from the same origin, made by each contestant in turn; for each set. */
export async function* stream(context: BenchContext): AsyncGenerator<Table> {
  const { scale, rounds, workDir, streamChoice } = context;
  const machine = describeMachine({ scale, rounds });
  const contestant = new URL("./contestant.ts", import.meta.url);
  const program = await bundleContestants(contestant, join(workDir, "contestants"));
  const results: SetResult[] = [];
  const tables: Table[] = [];
  for (const name of streamChoice.sets) {
    const result = await resultOf(context, program, setAt(name, scale));
    results.push(result);
    const table = setTable(result);
    tables.push(table);
    yield table;
  }
  const verdicts = verdictTable(results);
  yield verdicts;
  if (streamChoice.isPublished) publish({ machine, tables: [verdicts, ...tables], results });
}

async function resultOf({ rounds, workDir, streamChoice, say }: BenchContext, program: URL, set: StreamSet) {
  const setFile = join(workDir, `${set.name}.json`);
  writeObjectSet(setFile, describeObjects("bench", set.objects));
  const origin = await startChild({
    program: new URL("./origin.ts", import.meta.url),
    input: { setFile, lateness: set.lateness },
    answer: z.object({ endpoint: z.url() }),
  });
  try {
    const { endpoint } = origin.answer;
    return await compete({ program, set, names: streamChoice.contestants, rounds, setFile, endpoint, say });
  } finally {
    await origin.stop();
  }
}

import { join } from "node:path";
import { estimateAssembly } from "../../lambdas/parts/estimate-assembly.ts";
import { planParts } from "../../lambdas/parts/plan-parts.ts";
import { figure } from "../report.ts";
import type { ContestantRow, SetResult } from "./assembly-table.ts";
import { ballOf } from "./bench-ball.ts";
import { type Arena, type ContestantName, contestants } from "./contestants.ts";
import { describeLargeObjects } from "./describe-objects.ts";
import { startServers } from "./servers.ts";
import { type AssemblySet, bytesOf } from "./sets.ts";
import { medianTaken, type Taken } from "./taken.ts";

export interface Competition {
  readonly set: AssemblySet;
  readonly names: readonly ContestantName[];
  readonly programs: Arena["programs"];
  readonly workerCount: number;
  readonly rounds: number;
  readonly workDir: string;
  readonly say: (what: string) => void;
}

/** Lets every contestant make the set's archive once a round, in turn, from servers of the set's own. */
export async function compete(competition: Competition): Promise<SetResult> {
  const { set, names, programs, workerCount, rounds, workDir, say } = competition;
  say(`${set.title}: filling`);
  const planned = [...set.objects, ...set.samples.flatMap(({ objects }) => objects)];
  const unique = [...new Map(planned.map((object) => [object.key, object])).values()];
  const objects = describeLargeObjects(unique);
  const described = new Map(objects.map((object) => [object.key, object]));
  const ownBall = () => ballOf(objects.slice(0, set.objects.length));
  const { layout } = ownBall();
  const estimate = estimateAssembly(layout, planParts(layout));
  const servers = await startServers(join(workDir, set.name), objects);
  const arena = { servers, programs, workerCount, set, described, ballOf: ownBall, workDir };
  const outcomes = new Map<ContestantName, (Taken | string)[]>(names.map((name) => [name, []]));
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const name of names) {
        const outcome = await contestants[name](arena).catch(reasonOf);
        outcomes.get(name)?.push(outcome);
        const told = typeof outcome === "string" ? outcome : `${outcome.seconds.toFixed(2)} s`;
        say(`${set.title}, round ${round + 1}: ${name}: ${told}`);
      }
    }
  } finally {
    await servers.stop();
  }
  const rows = names.map((name) => rowOf(competition, name, outcomes.get(name) ?? []));
  return { title: set.title, estimate, rows };
}

function rowOf(
  { set, workerCount }: Competition,
  name: ContestantName,
  outcomes: readonly (Taken | string)[],
): ContestantRow {
  const failure = outcomes.find((outcome) => typeof outcome === "string");
  const taken = failure ?? medianTaken(outcomes.filter((outcome) => typeof outcome !== "string"));
  if (name === "zipball") {
    const title = `zipball, ${workerCount} ${workerCount === 1 ? "worker" : "workers"}`;
    return { title, taken, isReckoned: false };
  }
  const isReckoned = set.samples.some(({ objects, standsFor }) => objects !== standsFor);
  const sampled = bytesOf(set.samples.flatMap(({ objects }) => objects)) / 1024 ** 3;
  const title = `archiver into Upload${isReckoned ? `, scaled from ${figure(sampled)} GiB` : ""}`;
  return { title, taken, isReckoned };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

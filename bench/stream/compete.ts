import { runChild } from "../child.ts";
import { type ContestantName, contestantOf } from "./contestants/contestants.ts";
import { measurementSchema, type Outcome } from "./measurement.ts";
import type { Round, SetResult } from "./results.ts";
import type { StreamSet } from "./sets.ts";

export interface Competition {
  /** That of all contestants. */
  readonly program: URL;
  readonly set: StreamSet;
  readonly names: readonly ContestantName[];
  readonly rounds: number;
  readonly setFile: string;
  readonly endpoint: string;
  readonly say: (what: string) => void;
}

/**
 * Lets every contestant run once a round, beginning with another one each time, so that what else happens on the
 * machine hits all of them.
 */
export async function compete(competition: Competition): Promise<SetResult> {
  const { set, say } = competition;
  const names = competition.names.filter((name) => contestantOf(name).sets?.includes(set.name) ?? true);
  const rounds: Round[] = [];
  for (let round = 0; round < competition.rounds; round += 1) {
    const outcomes = new Map<ContestantName, Outcome>();
    for (const name of rotated(names, round)) {
      const outcome = await runContestant(competition, name);
      outcomes.set(name, outcome);
      const told = typeof outcome === "string" ? outcome : `${outcome.wallSeconds.toFixed(2)} s`;
      say(`stream: ${set.title}, round ${round + 1}: ${contestantOf(name).title}: ${told}`);
    }
    rounds.push(outcomes);
  }
  return { set, names, rounds };
}

const account = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench" };

async function runContestant(
  { program, set, setFile, endpoint }: Competition,
  name: ContestantName,
): Promise<Outcome> {
  const { isOneByOne, processVariables } = contestantOf(name);
  const firstObjects = isOneByOne ? set.oneByOneObjects : set.objects.length;
  try {
    return await runChild({
      program,
      input: { contestant: name, endpoint, setFile, firstObjects },
      answer: measurementSchema,
      environment: { ...account, ...processVariables },
      timeoutMs: 600_000,
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const first = by % Math.max(1, items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}

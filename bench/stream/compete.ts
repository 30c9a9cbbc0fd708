import { z } from "zod";
import { runChild } from "../child.ts";
import type { BenchContext } from "../context.ts";
import { median } from "../median.ts";
import { figure, megabytes, multiple, type Table, verdict } from "../report.ts";
import { baseline, type ContestantName, contestantNames, titleOf } from "./contestants/contestants.ts";

export interface Competition {
  readonly title: string;
  /** So many of the set's first objects. */
  readonly count: number;
  readonly setFile: string;
  readonly endpoint: string;
  readonly account: {
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
}

const measurementSchema = z.object({
  wallSeconds: z.number(),
  cpuSeconds: z.number(),
  peakBytes: z.number(),
  lengthBytes: z.number(),
  isWhole: z.boolean(),
});
type Measurement = z.output<typeof measurementSchema>;

/** What a contestant's rounds gave: a measurement or the reason why there is none. */
type Outcome = Measurement | string;
type Round = ReadonlyMap<ContestantName, Outcome>;

/**
 * Lets every contestant run once a round, beginning with another one each time, so that what else happens on the
 * machine hits all of them. Multiples are taken within a round, and of them the medians.
 */
export async function compete(context: BenchContext, competition: Competition): Promise<Table> {
  const rounds: Round[] = [];
  for (let round = 0; round < context.rounds; round += 1) {
    const outcomes = new Map<ContestantName, Outcome>();
    for (const name of rotated(contestantNames, round)) {
      context.say(`stream: ${competition.title}, round ${round + 1}: ${titleOf(name)}`);
      outcomes.set(name, await runContestant(competition, name));
    }
    rounds.push(outcomes);
  }
  return {
    title: `Stream: ${competition.title}`,
    columns: ["", "wall s", "× baseline", "CPU s", "× baseline", "peak MB", "× baseline", "MB/s", "whole"],
    rows: contestantNames.map((name) => rowOf(rounds, name)),
  };
}

async function runContestant(
  { account, ...competition }: Competition,
  name: ContestantName,
): Promise<Outcome> {
  const { region, accessKeyId, secretAccessKey } = account;
  try {
    return await runChild({
      program: new URL("./contestant.ts", import.meta.url),
      input: { ...competition, contestant: name, firstObjects: competition.count },
      answer: measurementSchema,
      environment: {
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
      timeoutMs: 600_000,
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function rowOf(rounds: readonly Round[], name: ContestantName): string[] {
  const outcomes = rounds.flatMap((round) => round.get(name) ?? []);
  const failure = outcomes.find((outcome) => typeof outcome === "string");
  if (failure !== undefined) return [titleOf(name), failure, "", "", "", "", "", "", verdict(false)];
  const measured = outcomes.filter((outcome) => typeof outcome !== "string");
  const middle = (value: (measurement: Measurement) => number) => median(measured.map(value));
  return [
    titleOf(name),
    figure(middle(wallOf)),
    timesBaseline(rounds, name, wallOf),
    figure(middle(cpuOf)),
    timesBaseline(rounds, name, cpuOf),
    megabytes(middle(peakOf)),
    timesBaseline(rounds, name, peakOf),
    figure(middle(({ lengthBytes, wallSeconds }) => lengthBytes / 1e6 / wallSeconds)),
    verdict(measured.every(({ isWhole }) => isWhole)),
  ];
}

const wallOf = ({ wallSeconds }: Measurement) => wallSeconds;
const cpuOf = ({ cpuSeconds }: Measurement) => cpuSeconds;
const peakOf = ({ peakBytes }: Measurement) => peakBytes;

function timesBaseline(
  rounds: readonly Round[],
  name: ContestantName,
  value: (measurement: Measurement) => number,
): string {
  const multiples = rounds.flatMap((round) => {
    const mine = round.get(name);
    const its = round.get(baseline);
    return typeof mine === "object" && typeof its === "object" ? [value(mine) / value(its)] : [];
  });
  return multiples.length === 0 ? "" : multiple(median(multiples));
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

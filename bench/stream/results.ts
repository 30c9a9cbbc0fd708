import { median } from "../median.ts";
import type { ContestantName } from "./contestants/contestants.ts";
import type { Measurement, Outcome } from "./measurement.ts";
import type { StreamSet } from "./sets.ts";

export type Round = ReadonlyMap<ContestantName, Outcome>;

/** What the rounds of one set gave. */
export interface SetResult {
  readonly set: Pick<StreamSet, "name" | "title">;
  readonly names: readonly ContestantName[];
  readonly rounds: readonly Round[];
}

export type Value = (measurement: Measurement) => number;
export const wallOf: Value = ({ wallSeconds }) => wallSeconds;
export const cpuOf: Value = ({ cpuSeconds }) => cpuSeconds;
export const peakOf: Value = ({ peakBytes }) => peakBytes;
export const firstByteOf: Value = ({ firstByteSeconds }) => firstByteSeconds;

export function measurementsOf({ rounds }: SetResult, name: ContestantName): Measurement[] {
  return rounds.flatMap((round) => {
    const outcome = round.get(name);
    return typeof outcome === "object" ? [outcome] : [];
  });
}

/** Why a round gave no measurement, if one did not. */
export function failureOf({ rounds }: SetResult, name: ContestantName): string | undefined {
  return rounds.map((round) => round.get(name)).find((outcome) => typeof outcome === "string");
}

/** Whether every archive was whole, of those that were made; false where none was. */
export function isWhole(result: SetResult, name: ContestantName): boolean {
  const measured = measurementsOf(result, name);
  return (
    measured.length > 0 && failureOf(result, name) === undefined && measured.every(({ isWhole }) => isWhole)
  );
}

/** The middle of the rounds; undefined where there is none. */
export function medianOf(result: SetResult, name: ContestantName, value: Value): number | undefined {
  const values = measurementsOf(result, name).map(value);
  return values.length === 0 ? undefined : median(values);
}

/** One contestant's value in another's, within each round, and of the rounds the middle. */
export function ratioOf(
  { rounds }: SetResult,
  name: ContestantName,
  other: ContestantName,
  value: Value,
): number | undefined {
  const ratios = rounds.flatMap((round) => {
    const mine = round.get(name);
    const its = round.get(other);
    return typeof mine === "object" && typeof its === "object" ? [value(mine) / value(its)] : [];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

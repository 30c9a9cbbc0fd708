import { figure, megabytes, multiple, type Table, verdict } from "../report.ts";
import { baseline, type ContestantName, contestantOf, floor } from "./contestants/contestants.ts";
import {
  cpuOf,
  failureOf,
  firstByteOf,
  isWhole,
  measurementsOf,
  medianOf,
  peakOf,
  ratioOf,
  type SetResult,
  type Value,
  wallOf,
} from "./results.ts";

const columns = [
  "",
  "time s",
  "× raw",
  "CPU s",
  "× raw",
  "time × floor",
  "CPU × floor",
  "first byte ms",
  "peak MB",
  "whole",
];

/** The figures of one set: a row for each contestant. */
export function setTable(result: SetResult): Table {
  return {
    title: `Stream: ${result.set.title}`,
    columns,
    rows: result.names.map((name) => rowOf(result, name)),
  };
}

function rowOf(result: SetResult, name: ContestantName): string[] {
  const { title } = contestantOf(name);
  const failure = failureOf(result, name);
  if (failure !== undefined) return [title, failure, ...columns.slice(3).map(() => ""), verdict(false)];
  return [
    title,
    secondsOf(result, name, wallOf),
    multipleOf(result, name, baseline, wallOf),
    secondsOf(result, name, cpuOf),
    multipleOf(result, name, baseline, cpuOf),
    ...timesFloor(result, name),
    milliseconds(medianOf(result, name, firstByteOf)),
    megabytes(medianOf(result, name, peakOf) ?? 0),
    verdict(isWhole(result, name)),
  ];
}

/** Marked when the most of it was reckoned. */
export function secondsOf(result: SetResult, name: ContestantName, value: Value): string {
  const seconds = medianOf(result, name, value);
  if (seconds === undefined) return "";
  return `${measurementsOf(result, name).some(({ isReckoned }) => isReckoned) ? "≈ " : ""}${figure(seconds)}`;
}

function timesFloor(result: SetResult, name: ContestantName): [string, string] {
  if (contestantOf(name).kind !== "zipball") return ["", ""];
  return [multipleOf(result, name, floor, wallOf), multipleOf(result, name, floor, cpuOf)];
}

function multipleOf(result: SetResult, name: ContestantName, other: ContestantName, value: Value): string {
  const ratio = ratioOf(result, name, other, value);
  return ratio === undefined ? "" : multiple(ratio);
}

function milliseconds(seconds: number | undefined): string {
  return seconds === undefined ? "" : figure(seconds * 1000);
}

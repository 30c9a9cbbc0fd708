import type { AssemblyEstimate } from "../../lambdas/parts/estimate-assembly.ts";
import { figure, megabytes, type Table } from "../report.ts";
import { dollarsOf, type Taken } from "./taken.ts";

/** What the rounds of one set gave, of each contestant, and what was told beforehand. */
export interface SetResult {
  readonly title: string;
  readonly estimate: AssemblyEstimate;
  readonly rows: readonly ContestantRow[];
}

export interface ContestantRow {
  readonly title: string;
  /** What was taken, or why nothing was. */
  readonly taken: Taken | string;
  /** Of which most is reckoned from a sample. */
  readonly isReckoned: boolean;
}

const columns = [
  "",
  "archive MB",
  "read MB",
  "uploaded MB",
  "GET, HEAD",
  "PUT",
  "COPY",
  "other",
  "CPU s",
  "worker s",
  "time s",
  "peak MB",
  "$",
];

/** One row for each contestant of each set, and one for what was told beforehand. */
export function assemblyTable(results: readonly SetResult[]): Table {
  return {
    title: "Archives inside S3",
    columns,
    rows: results.flatMap((result) => [
      [`**${result.title}**`, ...columns.slice(1).map(() => "")],
      ...result.rows.map(rowOf),
      estimateRow(result.estimate),
    ]),
  };
}

function rowOf({ title, taken, isReckoned }: ContestantRow): string[] {
  if (typeof taken === "string") return [title, taken, ...columns.slice(2).map(() => "")];
  const { traffic, lengthBytes } = taken;
  const { get, head, put, copy, other, readBytes, uploadedBytes } = traffic;
  const cells = [
    ...[lengthBytes, readBytes, uploadedBytes].map(thousandsOfMegabytes),
    ...[get + head, put, copy, other].map(count),
    ...[taken.cpuSeconds, taken.workerSeconds, taken.seconds].map(figure),
    megabytes(taken.peakBytes),
    dollars(dollarsOf(taken)),
  ];
  return [title, ...cells.map((cell) => (isReckoned ? `≈ ${cell}` : cell))];
}

/** Workers' time alone is told beforehand; the estimate counts bytes once that go in and out. */
function estimateRow({ bytesThroughCompute, requests, ...estimate }: AssemblyEstimate): string[] {
  return [
    "told beforehand",
    "",
    "",
    thousandsOfMegabytes(bytesThroughCompute),
    ...[requests.get, requests.put, requests.copy, requests.other].map(count),
    "",
    ...[estimate.workerSeconds, estimate.seconds].map(figure),
    "",
    dollars(estimate.dollars),
  ];
}

function thousandsOfMegabytes(bytes: number): string {
  return bytes < 1e9 ? figure(bytes / 1e6) : count(bytes / 1e6);
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function dollars(value: number): string {
  return value.toPrecision(2);
}

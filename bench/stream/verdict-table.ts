import { figure, megabytes, multiple, type Table, verdict } from "../report.ts";
import { type ContestantName, contestantOf, floor } from "./contestants/contestants.ts";
import {
  cpuOf,
  firstByteOf,
  isWhole,
  medianOf,
  peakOf,
  ratioOf,
  type SetResult,
  type Value,
  wallOf,
} from "./results.ts";
import type { SetName } from "./sets.ts";

interface Judged {
  readonly what: string;
  readonly target: string;
  readonly found: string;
  readonly isHeld: boolean;
}

/** Whether zipball holds its targets, as far as what they are about was measured. */
export function verdictTable(results: readonly SetResult[]): Table {
  return {
    title: "Stream: targets",
    columns: ["set", "", "target", "found", "held"],
    rows: results.flatMap((result) =>
      judge(result).map(({ what, target, found, isHeld }) => [
        result.set.title,
        what,
        target,
        found,
        verdict(isHeld),
      ]),
    ),
  };
}

function judge(result: SetResult): Judged[] {
  const { name } = result.set;
  return [
    firstAmongPeers(result, "time", wallOf),
    firstAmongPeers(result, "CPU", cpuOf),
    timesFloor(result, "time", wallOf, mostTimeOverFloor[name]),
    timesFloor(result, "CPU", cpuOf, mostCpuOverFloor[name]),
    atMost(result, "zipball", "time", wallOf, mostSeconds[name], (seconds) => `${figure(seconds)} s`),
    atMost(
      result,
      "zipball",
      "first byte",
      firstByteOf,
      mostFirstByteSeconds[name],
      (seconds) => `${(seconds * 1000).toFixed(0)} ms`,
    ),
    atMost(result, "zipball", "peak memory", peakOf, 150e6, (bytes) => `${megabytes(bytes)} MB`),
    atMost(
      result,
      "zipball-small",
      "peak memory, small window",
      peakOf,
      120e6,
      (bytes) => `${megabytes(bytes)} MB`,
    ),
  ].flatMap((judged) => judged ?? []);
}

type Limits = { readonly [name in SetName]?: number };
const mostTimeOverFloor: Limits = { small: 1.0, medium: 1.1, large: 1.1 };
const mostCpuOverFloor: Limits = { medium: 1.1, large: 1.1 };
/** Two and a half times what 256 connections need to wait for 10,000 first bytes; of the slow tail twice that. */
const mostSeconds: Limits = { late: 2.5 * (10_000 / 256) * 0.03, tail: 6 };
const mostFirstByteSeconds: Limits = { late: 0.05 };

/** Compared with the best of those whose archives are whole. */
function firstAmongPeers(result: SetResult, what: string, value: Value): Judged | undefined {
  const peers = result.names.filter((name) => contestantOf(name).kind === "peer" && isWhole(result, name));
  const ratios = peers.flatMap((peer): [ContestantName, number][] => {
    const ratio = ratioOf(result, "zipball", peer, value);
    return ratio === undefined ? [] : [[peer, ratio]];
  });
  const nearest = ratios.toSorted(([, a], [, b]) => b - a)[0];
  if (nearest === undefined) return undefined;
  const [peer, ratio] = nearest;
  return {
    what: `${what}, of the best peer's`,
    target: "< 1.00 ×",
    found: `${multiple(ratio)} ${contestantOf(peer).title}`,
    isHeld: ratio < 1 && isWhole(result, "zipball"),
  };
}

function timesFloor(
  result: SetResult,
  what: string,
  value: Value,
  most: number | undefined,
): Judged | undefined {
  const ratio = ratioOf(result, "zipball", floor, value);
  if (ratio === undefined || most === undefined) return undefined;
  return {
    what: `${what}, of the floor's`,
    target: `≤ ${multiple(most)}`,
    found: multiple(ratio),
    isHeld: ratio <= most,
  };
}

function atMost(
  result: SetResult,
  name: ContestantName,
  what: string,
  value: Value,
  most: number | undefined,
  format: (value: number) => string,
): Judged | undefined {
  const found = medianOf(result, name, value);
  if (found === undefined || most === undefined) return undefined;
  return { what, target: `≤ ${format(most)}`, found: format(found), isHeld: found <= most };
}

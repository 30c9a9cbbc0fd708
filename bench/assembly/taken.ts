import { type AssemblyPrices, assemblyPrices } from "../../lambdas/parts/prices.ts";
import { median } from "../median.ts";
import { noTraffic, type Traffic } from "./traffic.ts";

/** What making an archive took. */
export interface Taken {
  /** Of the archive. */
  readonly lengthBytes: number;
  readonly traffic: Traffic;
  /** From the beginning to the complete archive. */
  readonly seconds: number;
  /** Of all calls of all workers: what Lambda bills. */
  readonly workerSeconds: number;
  /** User and system, all threads of all the contestant's processes. */
  readonly cpuSeconds: number;
  /** Most resident memory of one process. */
  readonly peakBytes: number;
}

/** How much more there is of what a sample stands for. */
export interface Factor {
  readonly objects: number;
  readonly bytes: number;
}

/**
 * What would be taken of more of the same: reads are asked for object by object; all else goes with the bytes. What begins and
 * ends an archive, and memory, stay.
 */
export function scaledTaken(taken: Taken, { objects, bytes }: Factor): Taken {
  const { get, head, put, copy, other, free, readBytes, uploadedBytes } = taken.traffic;
  return {
    lengthBytes: taken.lengthBytes * bytes,
    traffic: {
      get: get * objects,
      head: head * objects,
      put: put * bytes,
      copy: copy * bytes,
      other,
      free,
      readBytes: readBytes * bytes,
      uploadedBytes: uploadedBytes * bytes,
    },
    seconds: taken.seconds * bytes,
    workerSeconds: taken.workerSeconds * bytes,
    cpuSeconds: taken.cpuSeconds * bytes,
    peakBytes: taken.peakBytes,
  };
}

/** What one archive takes that is made of several, one behind the other. */
export function togetherTaken(all: readonly Taken[]): Taken {
  const sum = (valueIn: (taken: Taken) => number) => all.reduce((total, taken) => total + valueIn(taken), 0);
  const most = (valueIn: (taken: Taken) => number) => Math.max(...all.map(valueIn));
  return {
    lengthBytes: sum(({ lengthBytes }) => lengthBytes),
    traffic: trafficBy((kind) =>
      kind === "other" || kind === "free"
        ? most(({ traffic }) => traffic[kind])
        : sum(({ traffic }) => traffic[kind]),
    ),
    seconds: sum(({ seconds }) => seconds),
    workerSeconds: sum(({ workerSeconds }) => workerSeconds),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
    peakBytes: most(({ peakBytes }) => peakBytes),
  };
}

/** The middle of the rounds, value by value. Throws: RangeError for none. */
export function medianTaken(rounds: readonly Taken[]): Taken {
  const middle = (valueIn: (taken: Taken) => number) => median(rounds.map(valueIn));
  return {
    lengthBytes: middle(({ lengthBytes }) => lengthBytes),
    traffic: trafficBy((kind) => middle(({ traffic }) => traffic[kind])),
    seconds: middle(({ seconds }) => seconds),
    workerSeconds: middle(({ workerSeconds }) => workerSeconds),
    cpuSeconds: middle(({ cpuSeconds }) => cpuSeconds),
    peakBytes: middle(({ peakBytes }) => peakBytes),
  };
}

function trafficBy(valueIn: (kind: keyof Traffic) => number): Traffic {
  return {
    ...noTraffic,
    get: valueIn("get"),
    head: valueIn("head"),
    put: valueIn("put"),
    copy: valueIn("copy"),
    other: valueIn("other"),
    free: valueIn("free"),
    readBytes: valueIn("readBytes"),
    uploadedBytes: valueIn("uploadedBytes"),
  };
}

/** Requests and workers by the price list; without queue, table, and the storage of the archive. */
export function dollarsOf(
  { traffic, workerSeconds }: Pick<Taken, "traffic" | "workerSeconds">,
  prices: AssemblyPrices = assemblyPrices,
): number {
  const { get, head, put, copy, other } = traffic;
  return (
    (get + head) * prices.readRequestDollars +
    (put + copy + other) * prices.writeRequestDollars +
    workerSeconds * prices.workerSecondDollars
  );
}

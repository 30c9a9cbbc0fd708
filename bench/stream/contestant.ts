import { finished } from "node:stream/promises";
import { answerWith, inputOf } from "../child.ts";
import { readProcessMemory } from "../process-memory.ts";
import { contestantOf, isContestantName } from "./contestants/contestants.ts";
import { isRecord } from "./is-record.ts";
import type { Measurement } from "./measurement.ts";
import { type Clocks, MeasuringSink, readClocks } from "./measuring-sink.ts";
import { readObjectSet } from "./object-set.ts";

/** Run by compete.ts: one contestant makes one archive in a process of its own, and tells what that took. */

const input = inputOf({ parse: parseInput });
const { bucket, objects: all } = readObjectSet(input.setFile);
const objects = all.slice(0, input.firstObjects);
const bodyBytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
const { load, kind } = contestantOf(input.contestant);
const prepare = await load();
const sink = new MeasuringSink(bodyBytes);
const run = prepare({ endpoint: input.endpoint, bucket, objects, sink });

const isDone = finished(sink);
const begin = readClocks();
await Promise.all([run(), isDone]);
const end = readClocks();

const makesZip = kind !== "baseline" && kind !== "floor";
const isWhole = makesZip
  ? sink.lengthBytes > bodyBytes && sink.endsAsZipOf(objects.length)
  : sink.lengthBytes === bodyBytes;
answerWith({
  wallSeconds: whole("wallSeconds"),
  cpuSeconds: whole("cpuSeconds"),
  peakBytes: readProcessMemory("self").peakBytes,
  firstByteSeconds: (sink.first ?? end).wallSeconds - begin.wallSeconds,
  lengthBytes: sink.lengthBytes,
  isWhole,
  isReckoned: objects.length < all.length,
} satisfies Measurement);

/**
 * What all objects take, when it was only some: what is missing goes on as the second half of them went. Not the first: to
 * begin, and to compile, has its cost once.
 */
function whole(clock: keyof Clocks): number {
  const rest = (all.length - objects.length) / (objects.length / 2);
  return end[clock] - begin[clock] + rest * (end[clock] - (sink.half ?? begin)[clock]);
}

/** By hand and not with zod: what the benchmark itself loads here counts as the contestant's memory. */
function parseInput(given: unknown) {
  if (!isRecord(given)) throw new TypeError("A contestant is told what to do");
  const { contestant, endpoint, setFile, firstObjects } = given;
  if (typeof contestant !== "string" || !isContestantName(contestant))
    throw new TypeError(`There is no contestant ${contestant}`);
  if (typeof endpoint !== "string" || typeof setFile !== "string" || typeof firstObjects !== "number")
    throw new TypeError("A contestant is told endpoint, setFile and firstObjects");
  return { contestant, endpoint, setFile, firstObjects };
}

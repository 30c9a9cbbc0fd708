import { frugalProcess } from "../../../infra/frugal-process.ts";
import type { DiscardingSink } from "../../discarding-sink.ts";
import type { BenchObject } from "../object-set.ts";
import type { SetName } from "../sets.ts";

/** What every contestant gets: the same origin, objects and sink, which it is to end. */
export interface Work {
  readonly endpoint: string;
  readonly bucket: string;
  readonly objects: readonly BenchObject[];
  readonly sink: DiscardingSink;
}

/** Gets ready, without asking the origin; what it returns makes the archive, and is what is measured. */
type Prepare = (work: Work) => () => Promise<void>;

export interface Contestant {
  readonly title: string;
  /** A peer is used as its documentation shows; tuned: what else one could build around it. */
  readonly kind: "baseline" | "floor" | "zipball" | "peer" | "tuned";
  /** Asks for an object when the one before has come: of late objects it is given only the first. */
  readonly isOneByOne: boolean;
  /** Where it has something to say; undefined: everywhere. */
  readonly sets?: readonly SetName[];
  /** Variables by which Node and malloc begin; undefined: their own ways. */
  readonly processVariables?: Readonly<Record<string, string>>;
  /** Only the one that runs is loaded. */
  readonly load: () => Promise<Prepare>;
}

const contestants = {
  raw: {
    title: "pass-through",
    kind: "baseline",
    isOneByOne: true,
    load: async () => (await import("./pass-through.ts")).oneByOne,
  },
  floor: {
    title: "pass-through, CRC-32",
    kind: "floor",
    isOneByOne: true,
    sets: ["small", "medium", "large", "mixture"],
    load: async () => (await import("./pass-through.ts")).withCrc32s,
  },
  "floor-64": {
    title: "the same, 64 in flight",
    kind: "floor",
    isOneByOne: false,
    sets: ["small", "medium", "large", "mixture", "late"],
    load: async () => (await import("./pass-through.ts")).withCrc32sInFlight,
  },
  zipball: {
    title: "zipball",
    kind: "zipball",
    isOneByOne: false,
    processVariables: frugalProcess,
    load: async () => (await import("./zipball.ts")).withKnownCrc32s,
  },
  "zipball-small": {
    title: "zipball, small window",
    kind: "zipball",
    isOneByOne: false,
    processVariables: frugalProcess,
    load: async () => (await import("./zipball.ts")).withSmallWindow,
  },
  "zipball-reading": {
    title: "zipball, CRC-32s unknown",
    kind: "zipball",
    isOneByOne: false,
    sets: ["small", "medium", "mixture"],
    processVariables: frugalProcess,
    load: async () => (await import("./zipball.ts")).readingForCrc32s,
  },
  archiver: {
    title: "archiver, one by one",
    kind: "peer",
    isOneByOne: true,
    load: async () => (await import("./archiver.ts")).oneByOne,
  },
  "archiver-all": {
    title: "archiver, all at once",
    kind: "peer",
    isOneByOne: false,
    load: async () => (await import("./archiver.ts")).allAtOnce,
  },
  "archiver-collected": {
    title: "archiver, all collected",
    kind: "tuned",
    isOneByOne: false,
    sets: ["small", "late", "tail"],
    load: async () => (await import("./archiver.ts")).allCollected,
  },
  "zip-stream": {
    title: "zip-stream",
    kind: "peer",
    isOneByOne: true,
    load: async () => (await import("./zip-stream.ts")).oneByOne,
  },
  yazl: {
    title: "yazl",
    kind: "peer",
    isOneByOne: true,
    load: async () => (await import("./yazl.ts")).lazily,
  },
  "client-zip": {
    title: "client-zip",
    kind: "peer",
    isOneByOne: true,
    load: async () => (await import("./client-zip.ts")).oneByOne,
  },
  fflate: {
    title: "fflate",
    kind: "peer",
    isOneByOne: true,
    load: async () => (await import("./fflate.ts")).oneByOne,
  },
  "sdk-archiver": {
    title: "AWS SDK + archiver",
    kind: "peer",
    isOneByOne: true,
    load: async () => (await import("./sdk-archiver.ts")).asInLambda,
  },
} as const satisfies Record<string, Contestant>;

export type ContestantName = keyof typeof contestants;

export function isContestantName(name: string): name is ContestantName {
  return Object.hasOwn(contestants, name);
}

/** In the order of the tables. */
export const contestantNames: readonly ContestantName[] = Object.keys(contestants).filter(isContestantName);

export function contestantOf(name: ContestantName): Contestant {
  return contestants[name];
}

/** What all are compared with, and what zipball is compared with besides. */
export const baseline: ContestantName = "raw";
export const floor: ContestantName = "floor";

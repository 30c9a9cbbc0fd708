import type { S3Client } from "@aws-sdk/client-s3";
import type { DiscardingSink } from "../../discarding-sink.ts";
import type { BenchObject } from "../object-set.ts";

/** What every contestant gets: the same client, objects and sink, which it is to end. */
export interface Work {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly objects: readonly BenchObject[];
  readonly sink: DiscardingSink;
}

export type Run = (work: Work) => Promise<void>;

interface Contestant {
  readonly title: string;
  readonly makesZip: boolean;
  /** Only the one that runs is loaded. */
  readonly load: () => Promise<Run>;
}

const contestants = {
  "pass-through": {
    title: "plain pass-through, no zip",
    makesZip: false,
    load: async () => (await import("./pass-through.ts")).passThrough,
  },
  zipball: {
    title: "zipball",
    makesZip: true,
    load: async () => (await import("./zipball.ts")).withKnownCrc32s,
  },
  "zipball-asking": {
    title: "zipball, CRC-32s asked of S3",
    makesZip: true,
    load: async () => (await import("./zipball.ts")).askingForCrc32s,
  },
  "zipball-reading": {
    title: "zipball, CRC-32s known to nobody",
    makesZip: true,
    load: async () => (await import("./zipball.ts")).readingForCrc32s,
  },
  "archiver-one-by-one": {
    title: "archiver, one by one",
    makesZip: true,
    load: async () => (await import("./archiver.ts")).oneByOne,
  },
  "archiver-all-at-once": {
    title: "archiver, all appended at once",
    makesZip: true,
    load: async () => (await import("./archiver.ts")).allAtOnce,
  },
  yazl: {
    title: "yazl, streams opened lazily",
    makesZip: true,
    load: async () => (await import("./yazl.ts")).lazily,
  },
} as const satisfies Record<string, Contestant>;

export type ContestantName = keyof typeof contestants;

/** The baseline first. */
export const contestantNames = [
  "pass-through",
  "zipball",
  "zipball-asking",
  "zipball-reading",
  "archiver-one-by-one",
  "archiver-all-at-once",
  "yazl",
] as const satisfies readonly ContestantName[];

export const baseline: ContestantName = "pass-through";

export function titleOf(name: ContestantName): string {
  return contestants[name].title;
}

export async function loadContestant(name: ContestantName): Promise<{ run: Run; makesZip: boolean }> {
  const { load, makesZip } = contestants[name];
  return { run: await load(), makesZip };
}

import type { BenchObject } from "../stream/object-set.ts";
import { archiveWithPeer } from "./archive-with-peer.ts";
import { assemble } from "./assemble.ts";
import type { BenchBall } from "./bench-ball.ts";
import { checkArchive, checkWholeCrc32, removeArchive } from "./made-archive.ts";
import { partBytesFor } from "./peer-archiver.ts";
import type { Servers } from "./servers.ts";
import type { AssemblySet, Sample } from "./sets.ts";
import { bytesOf } from "./sets.ts";
import { type Factor, scaledTaken, type Taken, togetherTaken } from "./taken.ts";
import { wholeCrc32 } from "./whole-crc32.ts";

export const contestantNames = ["zipball", "peer"] as const;
export type ContestantName = (typeof contestantNames)[number];

/** What contestants run as, and what they work on. */
export interface Arena {
  readonly servers: Servers;
  readonly programs: Readonly<Record<ContestantName, URL>>;
  readonly workerCount: number;
  readonly set: AssemblySet;
  /** All that are in S3. */
  readonly described: ReadonlyMap<string, BenchObject>;
  /** Of the set. */
  readonly ballOf: () => BenchBall;
  readonly workDir: string;
}

/** Makes the set's archive and checks it. Throws: Error for one that is not right. */
export const contestants: Readonly<Record<ContestantName, (arena: Arena) => Promise<Taken>>> = {
  zipball: async ({ servers, programs, workerCount, set, described, ballOf }) => {
    const ball = ballOf();
    const { key, taken } = await assemble({ servers, ball, program: programs.zipball, workerCount });
    const objects = describedOf(described, set);
    const archive = { key, lengthBytes: taken.lengthBytes };
    if (taken.lengthBytes !== ball.layout.lengthBytes) throw new Error("The archive has another length");
    await checkArchive(servers.s3, archive, objects);
    const crc32Of = (entry: number) => objects[entry]?.crc32 ?? 0;
    await checkWholeCrc32(servers.s3, archive, wholeCrc32(ball.layout, crc32Of));
    await removeArchive(servers.s3, key);
    return taken;
  },
  peer: async (arena) => {
    const taken: Taken[] = [];
    for (const sample of arena.set.samples) {
      taken.push(scaledTaken(await sampleTaken(arena, sample), factorOf(sample)));
    }
    return togetherTaken(taken);
  },
};

async function sampleTaken(
  { servers, programs, set, described, workDir }: Arena,
  sample: Sample,
): Promise<Taken> {
  const objects = describedOf(described, sample);
  // As large as the whole archive wants them.
  const partBytes = partBytesFor(set.objects);
  const program = programs.peer;
  const { key, taken } = await archiveWithPeer({ servers, program, objects, partBytes, workDir });
  await checkArchive(servers.s3, { key, lengthBytes: taken.lengthBytes }, objects);
  await removeArchive(servers.s3, key);
  return taken;
}

function factorOf({ objects, standsFor }: Sample): Factor {
  return { objects: standsFor.length / objects.length, bytes: bytesOf(standsFor) / bytesOf(objects) };
}

function describedOf(
  described: ReadonlyMap<string, BenchObject>,
  { objects }: Pick<Sample, "objects">,
): BenchObject[] {
  return objects.map(({ key }) => {
    const object = described.get(key);
    if (object === undefined) throw new Error(`Nothing is known of ${key}`);
    return object;
  });
}

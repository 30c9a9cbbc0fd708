import { once } from "node:events";
import type { Readable } from "node:stream";
import { ZipArchive } from "archiver";
import type { BenchObject } from "../object-set.ts";
import type { Work } from "./contestants.ts";
import { bodyOpener, mtimeOf, objectOpener } from "./open-object.ts";

/** An object is asked for when the one before is in the archive. */
export function oneByOne(work: Work): () => Promise<void> {
  const open = bodyOpener(work, 1);
  return async () => {
    const archive = archiveTo(work);
    for (const object of work.objects) {
      const body = await open(object);
      const isIn = once(archive, "entry");
      archive.append(body, { name: object.key, date: mtimeOf(object) });
      await isIn;
    }
    await archive.finalize();
  };
}

/** All objects are asked for, on as many connections as zipball has at most, and appended in order as they are answered. */
export function allAtOnce(work: Work): () => Promise<void> {
  return appendingAll(work, objectOpener(work, connections));
}

/** The same, but small objects are received whole before they are appended: all of them wait in memory for their turn. */
export function allCollected(work: Work): () => Promise<void> {
  return appendingAll(work, bodyOpener(work, connections));
}

const connections = 256;

function appendingAll(
  work: Work,
  open: (object: BenchObject) => Promise<Readable | Buffer>,
): () => Promise<void> {
  return async () => {
    const archive = archiveTo(work);
    const bodies = work.objects.map(async (object) => [object, await open(object)] as const);
    for await (const [object, body] of bodies) {
      archive.append(body, { name: object.key, date: mtimeOf(object) });
    }
    await archive.finalize();
  };
}

function archiveTo({ sink }: Work): ZipArchive {
  const archive = new ZipArchive({ store: true });
  archive.on("error", (error) => sink.destroy(error));
  archive.pipe(sink);
  return archive;
}

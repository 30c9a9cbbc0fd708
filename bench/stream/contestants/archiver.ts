import { once } from "node:events";
import { ZipArchive } from "archiver";
import type { Work } from "./contestants.ts";
import { mtimeOf, openObject } from "./open-object.ts";

/** As tutorials have it: an object is asked for when the one before is in the archive. */
export async function oneByOne(work: Work): Promise<void> {
  const archive = archiveTo(work);
  for (const object of work.objects) {
    const body = await openObject(work, object);
    const isIn = once(archive, "entry");
    archive.append(body, { name: object.key, date: mtimeOf(object) });
    await isIn;
  }
  await archive.finalize();
}

/** As tutorials have it too: every object is asked for as soon as a connection is free, and archiver queues them. */
export async function allAtOnce(work: Work): Promise<void> {
  const archive = archiveTo(work);
  for (const object of work.objects) {
    archive.append(await openObject(work, object), { name: object.key, date: mtimeOf(object) });
  }
  await archive.finalize();
}

function archiveTo({ sink }: Work): ZipArchive {
  const archive = new ZipArchive({ store: true });
  archive.on("error", (error) => sink.destroy(error));
  archive.pipe(sink);
  return archive;
}

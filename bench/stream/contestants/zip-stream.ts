import type { Readable } from "node:stream";
import ZipStream from "zip-stream";
import type { BenchObject } from "../object-set.ts";
import type { Work } from "./contestants.ts";
import { bodyOpener, mtimeOf } from "./open-object.ts";

/** What archiver is made of, without its queue: an entry at a time. */
export function oneByOne(work: Work): () => Promise<void> {
  const open = bodyOpener(work, 1);
  return async () => {
    const zip = new ZipStream({ store: true });
    zip.on("error", (error) => work.sink.destroy(error));
    zip.pipe(work.sink);
    for (const object of work.objects) await put(zip, object, await open(object));
    zip.finalize();
  };
}

function put(zip: ZipStream, object: BenchObject, body: Readable | Buffer): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  zip.entry(body, { name: object.key, date: mtimeOf(object) }, (error) => {
    if (error) reject(error);
    else resolve();
  });
  return promise;
}

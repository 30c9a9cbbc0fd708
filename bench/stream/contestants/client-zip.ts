import { once } from "node:events";
import { makeZip } from "client-zip";
import type { Work } from "./contestants.ts";
import { bodyOpener, mtimeOf } from "./open-object.ts";

/** Every object is asked for when its turn comes. */
export function oneByOne(work: Work): () => Promise<void> {
  const open = bodyOpener(work, 1);
  const { objects, sink } = work;
  async function* files() {
    for (const object of objects) {
      const { key, sizeBytes } = object;
      yield { name: key, lastModified: mtimeOf(object), size: sizeBytes, input: await open(object) };
    }
  }
  return async () => {
    for await (const chunk of makeZip(files())) {
      if (!sink.write(chunk)) await once(sink, "drain");
    }
    sink.end();
  };
}

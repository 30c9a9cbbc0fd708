import { once } from "node:events";
import { Zip, ZipPassThrough } from "fflate";
import type { Work } from "./contestants.ts";
import { mtimeOf, objectOpener } from "./open-object.ts";

/** Every object is asked for when its turn comes. What is pushed comes out at once: who pushes waits for the sink. */
export function oneByOne(work: Work): () => Promise<void> {
  const open = objectOpener(work, 1);
  const { objects, sink } = work;
  return async () => {
    const zip = new Zip((error, chunk, isLast) => {
      if (error !== null) sink.destroy(error);
      else sink.write(chunk);
      if (isLast) sink.end();
    });
    for (const object of objects) {
      const file = new ZipPassThrough(object.key);
      file.mtime = mtimeOf(object);
      zip.add(file);
      for await (const chunk of await open(object)) {
        file.push(chunk);
        if (sink.writableNeedDrain) await once(sink, "drain");
      }
      file.push(nothing, true);
    }
    zip.end();
  };
}

const nothing = new Uint8Array(0);

import { once } from "node:events";
import type { Writable } from "node:stream";
import { Zip, ZipPassThrough } from "fflate";
import type { Work } from "./contestants.ts";
import { bodyOpener, mtimeOf } from "./open-object.ts";

/** Every object is asked for when its turn comes. What is pushed comes out at once: who pushes waits for the sink. */
export function oneByOne(work: Work): () => Promise<void> {
  const open = bodyOpener(work, 1);
  const { objects, sink } = work;
  return async () => {
    const zip = zipTo(sink);
    for (const object of objects) {
      const file = new ZipPassThrough(object.key);
      file.mtime = mtimeOf(object);
      zip.add(file);
      const body = await open(object);
      for await (const chunk of Buffer.isBuffer(body) ? [body] : body) await push(file, chunk, sink);
      file.push(nothing, true);
    }
    zip.end();
  };
}

async function push(file: ZipPassThrough, chunk: Buffer<ArrayBuffer>, sink: Writable): Promise<void> {
  file.push(chunk);
  if (sink.writableNeedDrain) await once(sink, "drain");
}

function zipTo(sink: Writable): Zip {
  return new Zip((error, chunk, isLast) => {
    if (error !== null) sink.destroy(error);
    else sink.write(chunk);
    if (isLast) sink.end();
  });
}

const nothing = new Uint8Array(0);

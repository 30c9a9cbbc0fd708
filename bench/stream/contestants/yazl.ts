import { ZipFile } from "yazl";
import type { Work } from "./contestants.ts";
import { mtimeOf, objectOpener } from "./open-object.ts";

/** Every object is asked for when its turn comes. */
export function lazily(work: Work): () => Promise<void> {
  const open = objectOpener(work, 1);
  return async () => {
    const zip = new ZipFile();
    zip.on("error", (error) => work.sink.destroy(error));
    zip.outputStream.pipe(work.sink);
    for (const object of work.objects) {
      const options = { compress: false, size: object.sizeBytes, mtime: mtimeOf(object) };
      zip.addReadStreamLazy(object.key, options, (answer) => {
        open(object).then(
          (body) => answer(null, body),
          (error: Error) => zip.emit("error", error),
        );
      });
    }
    zip.end();
  };
}

import { ZipFile } from "yazl";
import type { Work } from "./contestants.ts";
import { mtimeOf, openObject } from "./open-object.ts";

/** Every object is asked for when its turn comes. */
export async function lazily(work: Work): Promise<void> {
  const zip = new ZipFile();
  zip.on("error", (error) => work.sink.destroy(error));
  zip.outputStream.pipe(work.sink);
  for (const object of work.objects) {
    const options = { compress: false, size: object.sizeBytes, mtime: mtimeOf(object) };
    zip.addReadStreamLazy(object.key, options, (answer) => {
      openObject(work, object).then(
        (body) => answer(null, body),
        (error: Error) => zip.emit("error", error),
      );
    });
  }
  zip.end();
}

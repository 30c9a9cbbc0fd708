import { buffer } from "node:stream/consumers";
import { fromBufferPromise } from "yauzl";

/** One entry of an archive, read by yauzl. */
export interface Entry {
  readonly name: string;
  readonly crc32: number;
  readonly content: Buffer;
}

/** The entries of an archive, in the order of its central directory. Throws: for what yauzl, strict, refuses. */
export async function entriesOf(archive: Buffer): Promise<Entry[]> {
  const zip = await fromBufferPromise(archive, { lazyEntries: true, strictFileNames: true });
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    const content = await buffer(await zip.openReadStreamPromise(entry));
    entries.push({ name: entry.fileName, crc32: entry.crc32, content });
  }
  return entries;
}

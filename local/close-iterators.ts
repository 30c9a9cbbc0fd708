import { AbstractKeyIterator, AbstractValueIterator } from "abstract-level";

/**
 * Lets dynalite close the iterators it reads its LevelDB with, those of all databases of this process.
 *
 * When it has read enough it calls `return` on an iterator that has it, and those of abstract-level have only `close`.
 * Every Query and Scan would leave one open until the database is closed, with some 7 KB, with 50 KB where it found
 * something, and with the files that it began on. dynalite lets nobody at its database, so it is the iterators that
 * get the method.
 */
export function letDynaliteCloseIterators(): void {
  for (const { prototype } of [AbstractKeyIterator, AbstractValueIterator]) {
    if ("return" in prototype) continue;
    Object.defineProperty(prototype, "return", { value: close });
  }
}

function close(this: { close(): Promise<void> }): Promise<void> {
  return this.close();
}

/** What the benchmark uses of zip-stream, which comes without types. */
declare module "zip-stream" {
  import type { Readable, Transform } from "node:stream";

  interface EntryData {
    readonly name: string;
    readonly date?: Date;
  }

  export default class ZipStream extends Transform {
    constructor(options?: { readonly store?: boolean });
    entry(source: Readable | Buffer, data: EntryData, done: (error: Error | null) => void): this;
    finalize(): void;
  }
}

import { once } from "node:events";
import { PassThrough, promises } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { constants } from "node:zlib";
import { ZipArchive } from "archiver";
import { ChunkQueue } from "./chunk-queue.ts";

/** An entry as it is written; a directory's name ends in "/". */
export interface WrittenEntry {
  readonly name: string;
  /** Written in UTC, to two seconds, from 1980 to 2043. */
  readonly date: Date;
  /** Not to be deflated. */
  readonly isStored: boolean;
}

/** Takes half the time that zlib's own default, 6, does, for some hundredths more bytes. */
const deflateLevel = 4;
/** What deflate gives out at once. */
const chunkBytes = 64 * 1024;
/** From so many entries on their number takes zip64 (APPNOTE 4.4.1.4); archiver begins one later. */
const zip64Entries = 0xffff;

/**
 * Writes a zip with archiver, one entry at a time: little waits for whoever takes the chunks, but for the central
 * directory.
 *
 * What is not to be deflated must not become a stored entry of unknown length, with a data descriptor behind it: who reads from
 * a pipe can not tell where that ends (java.util.zip.ZipInputStream refuses it). Bytes at hand are stored, with their length and
 * CRC-32 in the header; a stream goes into blocks that deflate itself stores (RFC 1951, 3.2.4).
 */
export class ZipWriter {
  /** archiver makes the deflate of each entry with this very object. */
  readonly #zlib = { level: deflateLevel, chunkSize: chunkBytes };
  readonly #archive: ZipArchive;
  readonly #queue = new ChunkQueue();
  readonly #signal: AbortSignal;
  #isFinishing = false;

  /** `signal` ends what waits. */
  constructor(entryCount: number, signal: AbortSignal) {
    this.#signal = signal;
    this.#archive = new ZipArchive({ zlib: this.#zlib, forceZip64: entryCount >= zip64Entries });
    this.#archive.on("error", (error) => this.#queue.fail(error));
    this.#archive.on("end", () => this.#queue.end());
    this.#archive.on("data", (chunk) => {
      this.#queue.add(chunk);
      if (this.#queue.isFull && !this.#isFinishing) this.#archive.pause();
    });
  }

  /** Bytes that were written so far. */
  get position(): number {
    return this.#archive.pointer();
  }

  /** The zip. Throws what `fail` was told. */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* this.#queue.take(() => this.#archive.resume());
    } finally {
      this.fail(new Error("Nobody takes the zip any more"));
      this.#archive.destroy();
    }
  }

  /** Adds an entry of bytes at hand. Resolves when there is room for the next. */
  async addBytes(entry: WrittenEntry, bytes: Buffer): Promise<void> {
    // Of an empty one that is to be deflated, archiver's header would announce a data descriptor, and yet it would be stored.
    const store = entry.isStored || bytes.length === 0;
    this.#zlib.level = deflateLevel;
    const isIn = once(this.#archive, "entry", { signal: this.#signal });
    this.#archive.append(bytes, { name: entry.name, date: entry.date, store });
    await isIn;
    await this.#queue.untilRoom();
  }

  /** Adds an entry of any length. Resolves when there is room for the next. */
  async addStream(entry: WrittenEntry, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const body = new PassThrough();
    this.#zlib.level = entry.isStored ? constants.Z_NO_COMPRESSION : deflateLevel;
    const isIn = once(this.#archive, "entry", { signal: this.#signal });
    this.#archive.append(body, { name: entry.name, date: entry.date });
    await Promise.all([isIn, promises.pipeline(chunks, body, { signal: this.#signal })]);
  }

  /**
   * Adds what ends the zip. archiver makes some twenty small chunks for each entry of the central directory, all at once: as
   * nothing is in their way then, each of them is gathered before the next is made.
   */
  async finish(): Promise<void> {
    await this.#queue.untilRoom();
    await setImmediate();
    this.#isFinishing = true;
    // Its promise says nothing that the chunks do not, and when nobody takes them, it never settles.
    this.#archive.finalize().catch(() => undefined);
  }

  /** Ends the chunks with a failure: what has come of them is no zip. */
  fail(error: unknown): void {
    this.#queue.fail(error);
  }
}

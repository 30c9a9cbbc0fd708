import pLimit from "p-limit";
import type { PinnedSource, SourceReader } from "../ball/source.ts";
import { readCrc32 } from "./read-crc32.ts";

/** Objects S3 is asked about at a time: answers are small. */
const describeConcurrency = 64;
/** Objects read at a time: each holds one read of some MiB. */
const readConcurrency = 2;

/** Learns CRC-32s of pinned source objects, as many at a time as may be: any number may be asked for at once. */
export class Crc32Learner {
  readonly #reader: SourceReader;
  readonly #describing = pLimit(describeConcurrency);
  readonly #reading = pLimit(readConcurrency);

  constructor(reader: SourceReader) {
    this.#reader = reader;
  }

  /**
   * The CRC-32 S3 keeps, and where it keeps none, that of the bytes, read once.
   * Throws: BallError("source-changed") when the object is no longer what was pinned.
   */
  async learn(source: PinnedSource, signal?: AbortSignal): Promise<number> {
    if (source.sizeBytes === 0) return 0;
    const { crc32 } = await this.#describing(() => this.#reader.describePinned(source, signal));
    if (typeof crc32 === "number") return crc32;
    return await this.#reading(() => readCrc32(this.#reader, source, signal));
  }
}

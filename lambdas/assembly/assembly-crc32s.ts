import type { Ball, BallStore } from "../ball/ball.ts";
import { Crc32Column } from "../ball/crc32-column.ts";

/** CRC-32s of a ball's entries as one worker knows them: what was known before, and what it learns. */
export class AssemblyCrc32s {
  /** All that is known by now. */
  readonly known: Crc32Column;
  /** What was learned here. */
  readonly learned: Crc32Column;
  readonly #store: BallStore;
  readonly #ball: Ball;
  #keptCount = 0;

  constructor(store: BallStore, ball: Ball, known: Crc32Column) {
    this.#store = store;
    this.#ball = ball;
    this.known = known;
    this.learned = new Crc32Column(known.entryCount);
  }

  learn(entry: number, crc32: number): void {
    this.known.set(entry, crc32);
    this.learned.set(entry, crc32);
  }

  /** Takes over what a stream learned. */
  learnAll(learned: Crc32Column): void {
    if (learned.knownCount === 0) return;
    this.known.merge(learned);
    this.learned.merge(learned);
  }

  /** The CRC-32 of an entry's data. Throws: Error while it is not known. */
  of(entry: number): number {
    const crc32 = this.known.get(entry);
    if (crc32 === undefined)
      throw new Error(`The CRC-32 of entry ${entry} is not known when its header is made`);
    return crc32;
  }

  /** Keeps what was learned since the last time, for the worker that makes the central directory. */
  async keep(): Promise<void> {
    const count = this.learned.knownCount;
    if (count === this.#keptCount) return;
    await this.#store.addCrc32s(this.#ball, this.learned);
    this.#keptCount = count;
  }
}

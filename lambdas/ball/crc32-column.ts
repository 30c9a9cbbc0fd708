/**
 * CRC-32s of a manifest's entries, as far as they are known. They follow from the pins, so they may be learned
 * after the ball was made, once: a value never changes.
 *
 * Five bytes an entry at most: the value and the byte that says whether it is known.
 */
export class Crc32Column {
  readonly entryCount: number;
  readonly #values: Uint32Array;
  readonly #known: Uint8Array;
  #knownCount = 0;

  constructor(entryCount: number) {
    this.entryCount = entryCount;
    this.#values = new Uint32Array(entryCount);
    this.#known = new Uint8Array(entryCount);
  }

  /** How many entries' CRC-32 is known. */
  get knownCount(): number {
    return this.#knownCount;
  }

  isKnown(entry: number): boolean {
    return this.#known[entry] === 1;
  }

  /** CRC-32 of an entry, or undefined while it is not known. */
  get(entry: number): number | undefined {
    return this.#known[entry] === 1 ? this.#values[entry] : undefined;
  }

  /** Throws: RangeError for an entry the column does not have. */
  set(entry: number, crc32: number): void {
    if (!(entry >= 0 && entry < this.entryCount)) throw new RangeError(`There is no entry ${entry}`);
    if (!this.isKnown(entry)) this.#knownCount += 1;
    this.#values[entry] = crc32;
    this.#known[entry] = 1;
  }

  /** Takes over every value the other column knows. */
  merge(other: Crc32Column): void {
    for (let entry = 0; entry < this.entryCount; entry += 1) {
      const crc32 = other.get(entry);
      if (crc32 !== undefined) this.set(entry, crc32);
    }
  }
}

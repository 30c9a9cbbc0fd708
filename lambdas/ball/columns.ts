/** A byte column that grows: every row appended is a run of bytes, addressed by its row number later. */
export class ByteColumn {
  #bytes: Uint8Array;
  #ends: Uint32Array;
  #rowCount = 0;

  constructor(expectedRows = 0, expectedBytes = 0) {
    this.#bytes = new Uint8Array(expectedBytes);
    this.#ends = new Uint32Array(expectedRows);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Bytes of all rows together. */
  get lengthBytes(): number {
    return this.#rowCount === 0 ? 0 : this.#endOf(this.#rowCount - 1);
  }

  append(row: Uint8Array): void {
    const start = this.lengthBytes;
    const end = start + row.length;
    if (end > this.#bytes.length) this.#bytes = grownBytes(this.#bytes, end);
    if (this.#rowCount === this.#ends.length) this.#ends = grownEnds(this.#ends);
    this.#bytes.set(row, start);
    this.#ends[this.#rowCount] = end;
    this.#rowCount += 1;
  }

  /** The row's bytes: a view, not a copy. Throws: RangeError when there is no such row. */
  row(index: number): Uint8Array {
    return this.#bytes.subarray(this.#startOf(index), this.#endOf(index));
  }

  /** Length of one row in bytes. */
  rowLengthBytes(index: number): number {
    return this.#endOf(index) - this.#startOf(index);
  }

  /** Gives back what was allocated ahead of need. */
  trim(): void {
    this.#bytes = this.#bytes.slice(0, this.lengthBytes);
    this.#ends = this.#ends.slice(0, this.#rowCount);
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : this.#endOf(index - 1);
  }

  #endOf(index: number): number {
    const end = this.#ends[index];
    if (end === undefined || index >= this.#rowCount) throw new RangeError(`There is no row ${index}`);
    return end;
  }
}

/** A number column that grows, eight bytes a row. */
export class NumberColumn {
  #values: Float64Array;
  #rowCount = 0;

  constructor(expectedRows = 0) {
    this.#values = new Float64Array(expectedRows);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  append(value: number): void {
    if (this.#rowCount === this.#values.length) {
      const grown = new Float64Array(grownCapacity(this.#values.length, this.#rowCount + 1));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#rowCount] = value;
    this.#rowCount += 1;
  }

  /** Throws: RangeError when there is no such row. */
  at(index: number): number {
    const value = this.#values[index];
    if (value === undefined || index >= this.#rowCount) throw new RangeError(`There is no row ${index}`);
    return value;
  }

  /** Gives back what was allocated ahead of need. */
  trim(): void {
    this.#values = this.#values.slice(0, this.#rowCount);
  }
}

function grownBytes(bytes: Uint8Array, neededBytes: number): Uint8Array {
  const grown = new Uint8Array(grownCapacity(bytes.length, neededBytes));
  grown.set(bytes);
  return grown;
}

function grownEnds(ends: Uint32Array): Uint32Array {
  const grown = new Uint32Array(grownCapacity(ends.length, ends.length + 1));
  grown.set(ends);
  return grown;
}

const smallestCapacity = 64;

function grownCapacity(capacity: number, needed: number): number {
  return Math.max(smallestCapacity, needed, Math.ceil(capacity * 1.5));
}

/**
 * Writes the fields of one record after another, little-endian (APPNOTE 4.4.1.1), into a buffer of the caller's.
 * A value that does not fit its field and a field that does not fit the buffer throw a RangeError: a record is
 * exact or it is not written.
 */
export class FieldWriter {
  readonly #target: Uint8Array;
  #offset: number;

  constructor(target: Uint8Array, offset: number) {
    this.#target = target;
    this.#offset = offset;
  }

  /** Where the next field goes. */
  get offset(): number {
    return this.#offset;
  }

  u8(value: number): this {
    const at = this.#take(1, value, 0xff);
    this.#target[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.#take(2, value, 0xffff);
    this.#target[at] = value;
    this.#target[at + 1] = value >>> 8;
    return this;
  }

  u32(value: number): this {
    const at = this.#take(4, value, 0xffffffff);
    this.#put32(at, value);
    return this;
  }

  /** Up to 2^53 - 1: lengths and offsets are numbers everywhere. */
  u64(value: number): this {
    const at = this.#take(8, value, Number.MAX_SAFE_INTEGER);
    this.#put32(at, value % 0x100000000);
    this.#put32(at + 4, Math.floor(value / 0x100000000));
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#target.set(value, this.#offset);
    this.#offset += value.length;
    return this;
  }

  #put32(at: number, value: number): void {
    this.#target[at] = value;
    this.#target[at + 1] = value >>> 8;
    this.#target[at + 2] = value >>> 16;
    this.#target[at + 3] = value >>> 24;
  }

  #take(lengthBytes: number, value: number, max: number): number {
    if (!Number.isInteger(value) || value < 0 || value > max) {
      throw new RangeError(
        `A field of ${lengthBytes} bytes takes an integer from 0 to ${max}, not ${value}.`,
      );
    }
    const at = this.#offset;
    // A typed array drops what is written past its end without a word.
    if (at + lengthBytes > this.#target.length) {
      throw new RangeError(
        `A field of ${lengthBytes} bytes at ${at} leaves a buffer of ${this.#target.length}.`,
      );
    }
    this.#offset = at + lengthBytes;
    return at;
  }
}

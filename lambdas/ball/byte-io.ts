/** Appends variable-length numbers and bytes to a growing buffer. */
export class ByteWriter {
  #bytes = Buffer.alloc(4096);
  #length = 0;

  /** A whole number from 0 to 2^53 - 1, seven bits a byte, least significant first (LEB128). */
  varint(value: number): void {
    this.#reserve(longestVarintBytes);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length] = (rest % 0x80) | 0x80;
      this.#length += 1;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  /** A whole number of either sign: even numbers stand for 0, 1, 2, … and odd ones for -1, -2, … (zigzag). */
  signedVarint(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Bytes behind their length. */
  run(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.bytes(bytes);
  }

  /** UTF-8 text behind its length in bytes. */
  text(text: string): void {
    this.run(Buffer.from(text, "utf8"));
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Reads what ByteWriter wrote. Every method throws RangeError when the bytes end too early. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  /** Throws: RangeError also for a number above 2^53 - 1. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= largestVarintScale; scale *= 0x80) {
      const byte = this.#bytes[this.#position];
      if (byte === undefined) throw new RangeError("The bytes end inside a number");
      this.#position += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return checkedSafe(value);
    }
    throw new RangeError("A number has more than eight bytes");
  }

  signedVarint(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A view of the next `count` bytes. */
  bytes(count: number): Uint8Array {
    const end = this.#position + count;
    if (end > this.#bytes.length) throw new RangeError(`The bytes end inside a run of ${count}`);
    const view = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return view;
  }

  run(): Uint8Array {
    return this.bytes(this.varint());
  }

  text(): string {
    return Buffer.from(this.run()).toString("utf8");
  }
}

const longestVarintBytes = 8;
const largestVarintScale = 0x80 ** (longestVarintBytes - 1);

function checkedSafe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is above 2^53 - 1`);
  return value;
}

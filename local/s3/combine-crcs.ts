import { type CrcName, crcKinds } from "./crc.ts";

/**
 * What follows of CRCs without the bytes. A CRC is a polynomial over GF(2), and bytes behind others shift these by a power
 * of x; here it is reflected, as the CRCs of crc.ts are, and in two halves of 32 bits, since JavaScript's integer arithmetic
 * has no more. One of 32 bits is all in the high half.
 */
interface Polynomial {
  readonly high: number;
  readonly low: number;
}

/** A run of bytes, by its CRC as S3 sends it. */
export interface CrcRun {
  readonly crc: Buffer;
  /** In bytes. */
  readonly length: number;
}

/**
 * The CRC of runs put one after the other.
 * Cost: a polynomial multiplication, some 100 ns, for each run, and some 20 more for each distinct length.
 */
export function combineCrcs(name: CrcName, runs: readonly CrcRun[]): Buffer {
  const field = fields[name];
  const shifts = new Map<number, Polynomial>();
  let combined = zero;
  for (const { crc, length } of runs) {
    const shift = shifts.get(length) ?? field.powerOfBytes(length);
    shifts.set(length, shift);
    combined = sum(field.multiply(combined, shift), decode(crc));
  }
  return encode(combined, field.bits);
}

/** The CRC of what is left of a run when its beginning, of that CRC, is cut off; `length` is that of what is left. */
export function crcOfRest(name: CrcName, whole: Buffer, beginning: Buffer, length: number): Buffer {
  const field = fields[name];
  const shifted = field.multiply(decode(beginning), field.powerOfBytes(length));
  return encode(sum(decode(whole), shifted), field.bits);
}

/** Polynomials modulo that of a CRC. */
class Field {
  readonly bits: 32 | 64;
  readonly #modulus: Polynomial;
  /** x to the powers of 8, 16, 32 and so on: for 1, 2, 4 bytes. */
  readonly #powers: Polynomial[] = [];

  constructor(name: CrcName) {
    const { bits, polynomial } = crcKinds[name];
    this.bits = bits;
    this.#modulus = decode(Buffer.from(polynomial.toString(16).padStart(bits / 4, "0"), "hex"));
  }

  multiply(a: Polynomial, b: Polynomial): Polynomial {
    return this.bits === 32 ? this.#multiply32(a.high, b.high) : this.#multiply64(a, b);
  }

  /** x to the power of eight for each byte: what multiplies a CRC when so many bytes come behind it. */
  powerOfBytes(length: number): Polynomial {
    let power: Polynomial = one;
    // A length may have more than the 32 bits that shifts can tell.
    for (let left = length, bit = 0; left > 0; left = Math.floor(left / 2), bit += 1) {
      if (left % 2 === 1) power = this.multiply(power, this.#powerOfTwo(bit));
    }
    return power;
  }

  #powerOfTwo(bit: number): Polynomial {
    const known = this.#powers[bit];
    if (known !== undefined) return known;
    const before = bit === 0 ? undefined : this.#powerOfTwo(bit - 1);
    const power = before === undefined ? xToTheEighth : this.multiply(before, before);
    this.#powers[bit] = power;
    return power;
  }

  /** The highest bit of `a` is its constant; times x shifts `b` to the right. */
  #multiply32(a: number, b: number): Polynomial {
    const modulus = this.#modulus.high;
    let product = 0;
    for (let rest = a, shifted = b; rest !== 0; rest <<= 1) {
      if (rest < 0) product ^= shifted;
      shifted = (shifted & 1) === 1 ? (shifted >>> 1) ^ modulus : shifted >>> 1;
    }
    return { high: product, low: 0 };
  }

  #multiply64(a: Polynomial, b: Polynomial): Polynomial {
    let { high, low } = b;
    let productHigh = 0;
    let productLow = 0;
    for (let bit = 0; bit < 64; bit++) {
      const half = bit < 32 ? a.high : a.low;
      // All ones or none, in place of a branch that nobody can predict.
      const isSet = -((half >>> (31 - (bit & 31))) & 1);
      productHigh ^= high & isSet;
      productLow ^= low & isSet;
      const isOver = -(low & 1);
      low = ((low >>> 1) | (high << 31)) ^ (this.#modulus.low & isOver);
      high = (high >>> 1) ^ (this.#modulus.high & isOver);
    }
    return { high: productHigh, low: productLow };
  }
}

const zero: Polynomial = { high: 0, low: 0 };
const one: Polynomial = { high: 1 << 31, low: 0 };
const xToTheEighth: Polynomial = { high: 1 << 23, low: 0 };

const fields: Readonly<Record<CrcName, Field>> = {
  CRC32: new Field("CRC32"),
  CRC32C: new Field("CRC32C"),
  CRC64NVME: new Field("CRC64NVME"),
};

function sum(a: Polynomial, b: Polynomial): Polynomial {
  return { high: a.high ^ b.high, low: a.low ^ b.low };
}

function decode(bytes: Buffer): Polynomial {
  return { high: bytes.readInt32BE(0), low: bytes.length > 4 ? bytes.readInt32BE(4) : 0 };
}

function encode({ high, low }: Polynomial, bits: 32 | 64): Buffer {
  const bytes = Buffer.alloc(bits / 8);
  bytes.writeInt32BE(high);
  if (bits === 64) bytes.writeInt32BE(low, 4);
  return bytes;
}

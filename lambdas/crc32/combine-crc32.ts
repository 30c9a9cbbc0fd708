import type { PartCrc32 } from "../ball/source.ts";

/**
 * CRC-32 of what the parts are together, in their order, from their own CRC-32s and lengths; of no parts it is 0.
 *
 * A CRC-32 is a remainder modulo a polynomial p over GF(2). Behind A come 8n bits of B, so that A's remainder is
 * multiplied by x^8n; the ones a CRC begins and ends with cancel out. crc(AB) = crc(A) * x^8n + crc(B) (mod p).
 * Cost: one multiplication a part, and some thirty for each different length.
 */
export function combineCrc32s(parts: Iterable<PartCrc32>): number {
  const shifts = new Map<number, number>();
  let value = 0;
  for (const { sizeBytes, crc32 } of parts) {
    const shift = shifts.get(sizeBytes) ?? shiftBy(sizeBytes);
    shifts.set(sizeBytes, shift);
    value = (multiply(value, shift) ^ crc32) >>> 0;
  }
  return value;
}

/**
 * Remainders are 32-bit integers as zip has them: the highest bit is the coefficient of x^0, the lowest that of x^31.
 * p is x^32 and these (APPNOTE 4.4.7; ISO 3309).
 */
const polynomial = 0xedb8_8320;
const one = 0x8000_0000;
const x = 0x4000_0000;

/** Product of two remainders. */
function multiply(left: number, right: number): number {
  let product = 0;
  let shifted = right;
  for (let coefficient = one; coefficient !== 0; coefficient >>>= 1) {
    if ((left & coefficient) !== 0) product ^= shifted;
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ polynomial;
  }
  return product >>> 0;
}

/** x^(2^k) for each k below 32. From there on they repeat: p is primitive, so x^(2^32) is x. */
const squares = [x];
for (let square = x; squares.length < 32; squares.push(square)) square = multiply(square, square);

/** x^8n for n bytes, up to 2^53 of them. */
function shiftBy(lengthBytes: number): number {
  let power = one;
  // 8n = n * 2^3: bit k of n stands for x^(2^(k+3)).
  for (let k = 3, rest = lengthBytes; rest > 0; k += 1, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(power, squares[k % 32] ?? one);
  }
  return power;
}

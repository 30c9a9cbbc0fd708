import { crc32 as zlibCrc32 } from "node:zlib";

/**
 * The CRCs of S3's checksums, all of the reflected kind that starts with ones and ends inverted, so that the CRC
 * of a concatenation follows from the CRCs and lengths of its pieces. Values are big-endian bytes, as S3 sends them.
 */
export interface Crc {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

interface CrcKind {
  readonly bits: 32 | 64;
  /** The polynomial with its bits reversed, without the leading one. */
  readonly polynomial: bigint;
}

export const crcKinds = {
  /** ISO-HDLC, as in zip and zlib. */
  CRC32: { bits: 32, polynomial: 0xedb88320n },
  /** Castagnoli, RFC 3720 appendix B.4. */
  CRC32C: { bits: 32, polynomial: 0x82f63b78n },
  /** NVM Express NVM Command Set Specification, "64b CRC Polynomials". */
  CRC64NVME: { bits: 64, polynomial: 0x9a6c9329ac4bc9b5n },
} as const satisfies Record<string, CrcKind>;

export type CrcName = keyof typeof crcKinds;

export function newCrc(name: CrcName): Crc {
  if (name === "CRC32") return new ZlibCrc32();
  return name === "CRC32C" ? new TableCrc32(castagnoliTables()) : new TableCrc64(nvmeTables());
}

class ZlibCrc32 implements Crc {
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = zlibCrc32(bytes, this.#value);
  }

  digest(): Buffer {
    return uint32(this.#value);
  }
}

/**
 * Slicing by eight (Kounavis and Berry): table k holds the CRC of a byte followed by k zeros, so that eight bytes
 * take eight lookups and no dependency between them.
 */
class TableCrc32 implements Crc {
  readonly #tables: Uint32Array;
  #value = 0xffffffff;

  constructor(tables: Uint32Array) {
    this.#tables = tables;
  }

  update(bytes: Uint8Array): void {
    const t = this.#tables;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const bulk = bytes.length - (bytes.length % 8);
    let crc = this.#value;
    for (let at = 0; at < bulk; at += 8) {
      const low = crc ^ view.getUint32(at, true);
      const high = view.getUint32(at + 4, true);
      crc =
        entry(t, 7, low) ^
        entry(t, 6, low >>> 8) ^
        entry(t, 5, low >>> 16) ^
        entry(t, 4, low >>> 24) ^
        entry(t, 3, high) ^
        entry(t, 2, high >>> 8) ^
        entry(t, 1, high >>> 16) ^
        entry(t, 0, high >>> 24);
    }
    for (let at = bulk; at < bytes.length; at++) crc = entry(t, 0, crc ^ view.getUint8(at)) ^ (crc >>> 8);
    this.#value = crc >>> 0;
  }

  digest(): Buffer {
    return uint32(~this.#value);
  }
}

interface Tables64 {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

/** The same with each 64-bit value in two halves, since JavaScript's integer arithmetic has 32 bits. */
class TableCrc64 implements Crc {
  readonly #tables: Tables64;
  #low = 0xffffffff;
  #high = 0xffffffff;

  constructor(tables: Tables64) {
    this.#tables = tables;
  }

  update(bytes: Uint8Array): void {
    const { low: tl, high: th } = this.#tables;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const bulk = bytes.length - (bytes.length % 8);
    let low = this.#low;
    let high = this.#high;
    for (let at = 0; at < bulk; at += 8) {
      const a = low ^ view.getUint32(at, true);
      const b = high ^ view.getUint32(at + 4, true);
      low = eightEntries(tl, a, b);
      high = eightEntries(th, a, b);
    }
    for (let at = bulk; at < bytes.length; at++) {
      const index = low ^ view.getUint8(at);
      low = ((low >>> 8) | (high << 24)) ^ entry(tl, 0, index);
      high = (high >>> 8) ^ entry(th, 0, index);
    }
    this.#low = low;
    this.#high = high;
  }

  digest(): Buffer {
    return Buffer.concat([uint32(~this.#high), uint32(~this.#low)]);
  }
}

function eightEntries(table: Uint32Array, a: number, b: number): number {
  return (
    entry(table, 7, a) ^
    entry(table, 6, a >>> 8) ^
    entry(table, 5, a >>> 16) ^
    entry(table, 4, a >>> 24) ^
    entry(table, 3, b) ^
    entry(table, 2, b >>> 8) ^
    entry(table, 1, b >>> 16) ^
    entry(table, 0, b >>> 24)
  );
}

function entry(tables: Uint32Array, zeros: number, byte: number): number {
  return tables[(zeros << 8) | (byte & 0xff)] ?? 0;
}

const castagnoliTables = once(() => low32(slicingTables(crcKinds.CRC32C)));

const nvmeTables = once((): Tables64 => {
  const entries = slicingTables(crcKinds.CRC64NVME);
  return { low: low32(entries), high: low32(entries.map((value) => value >> 32n)) };
});

function slicingTables({ polynomial }: CrcKind): BigUint64Array {
  const entries = new BigUint64Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = timesX(crc, polynomial);
    entries[byte] = crc;
  }
  for (let at = 256; at < entries.length; at++) {
    const before = entries[at - 256] ?? 0n;
    entries[at] = (entries[Number(before & 0xffn)] ?? 0n) ^ (before >> 8n);
  }
  return entries;
}

function low32(entries: BigUint64Array): Uint32Array {
  return Uint32Array.from(entries, (value) => Number(value & 0xffffffffn));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Reflected: the lowest bit is the highest power, so a product with x shifts to the right. */
function timesX(value: bigint, polynomial: bigint): bigint {
  return (value & 1n) === 1n ? (value >> 1n) ^ polynomial : value >> 1n;
}

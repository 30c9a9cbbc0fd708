import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { combineCrcs, crcOfRest } from "../../../local/s3/combine-crcs.ts";
import { type CrcName, newCrc } from "../../../local/s3/crc.ts";

const names: CrcName[] = ["CRC32", "CRC32C", "CRC64NVME"];

function crcOf(name: CrcName, ...pieces: Uint8Array[]): Buffer {
  const crc = newCrc(name);
  for (const piece of pieces) crc.update(piece);
  return crc.digest();
}

describe("CRCs", () => {
  /** The check values of the CRC catalogue: the CRC of the digits 1 to 9. */
  test.each([
    ["CRC32", "cbf43926"],
    ["CRC32C", "e3069283"],
    ["CRC64NVME", "ae8b14860a799888"],
  ] as const)("%s of 123456789 is %s", (name, expected) => {
    expect(crcOf(name, Buffer.from("123456789")).toString("hex")).toBe(expected);
  });

  test.each(names)("%s of nothing is zero", (name) => {
    expect(crcOf(name).every((byte) => byte === 0)).toBe(true);
  });

  test.each(names)("%s does not depend on how the bytes are cut", (name) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
        const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
        expect(crcOf(name, ...pieces)).toEqual(crcOf(name, bytes));
      }),
    );
  });

  test.each(names)("%s of a whole follows from those of its pieces", (name) => {
    const piece = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        const known = pieces.map((bytes) => ({ crc: crcOf(name, bytes), length: bytes.length }));
        expect(combineCrcs(name, known)).toEqual(crcOf(name, ...pieces));
      }),
    );
  });

  test.each(names)("%s of what is left follows when a beginning is cut off", (name) => {
    const piece = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(piece, piece, (beginning, rest) => {
        const whole = crcOf(name, beginning, rest);
        expect(crcOfRest(name, whole, crcOf(name, beginning), rest.length)).toEqual(crcOf(name, rest));
      }),
    );
  });

  test("pieces of terabytes are combined without reading them", () => {
    const length = 5 * 1024 ** 4;
    const pieces = Array.from({ length: 3 }, () => ({ crc: Buffer.from("cbf43926", "hex"), length }));
    const two = combineCrcs("CRC32", pieces.slice(1));
    const three = [
      { crc: Buffer.from("cbf43926", "hex"), length },
      { crc: two, length: 2 * length },
    ];
    expect(combineCrcs("CRC32", three)).toEqual(combineCrcs("CRC32", pieces));
  });
});

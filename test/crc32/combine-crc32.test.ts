import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PartCrc32 } from "../../lambdas/ball/source.ts";
import { combineCrc32s } from "../../lambdas/crc32/combine-crc32.ts";

const partOf = (bytes: Uint8Array): PartCrc32 => ({ sizeBytes: bytes.length, crc32: crc32(bytes) });

test("the CRC-32s of any pieces combine to that of the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 12 }), (pieces) => {
      expect(combineCrc32s(pieces.map(partOf))).toBe(crc32(Buffer.concat(pieces)));
    }),
  );
});

test("of no parts, and of empty ones, it is 0", () => {
  expect(combineCrc32s([])).toBe(0);
  expect(combineCrc32s([partOf(Buffer.alloc(0)), partOf(Buffer.alloc(0))])).toBe(0);
});

test.each([1, 2 ** 16, 2 ** 20 + 1, 8 * 2 ** 20])(
  "parts of %i bytes, many of them, and a shorter last",
  (length) => {
    const body = Buffer.alloc(length, "part");
    const bodies = [body, body, body, Buffer.from("last")];
    expect(combineCrc32s(bodies.map(partOf))).toBe(crc32(Buffer.concat(bodies)));
  },
);

describe("lengths no buffer has", () => {
  /** CRC-32 of so many zeros, by doubling: that of twice as many follows from two halves. */
  function zeros(sizeBytes: number): PartCrc32 {
    if (sizeBytes <= 4096) return partOf(Buffer.alloc(sizeBytes));
    const half = zeros(Math.floor(sizeBytes / 2));
    return { sizeBytes, crc32: combineCrc32s([half, half, ...(sizeBytes % 2 === 1 ? [zeros(1)] : [])]) };
  }

  test.each([2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER])(
    "%i bytes combine as their pieces do",
    (length) => {
      const begin = partOf(Buffer.from("begin"));
      const inPieces = [zeros(1000), zeros(length - 1000)];
      expect(combineCrc32s([begin, zeros(length)])).toBe(combineCrc32s([begin, ...inPieces]));
    },
  );

  // Its trailer: `head -c 4294967296 /dev/zero | gzip -c | tail -c 8`.
  test("4 GiB of zeros have the CRC-32 that gzip writes for them", () => {
    expect(zeros(2 ** 32).crc32).toBe(0xd202_ef8d);
  });
});

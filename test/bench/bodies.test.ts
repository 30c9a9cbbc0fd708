import { expect, test } from "vitest";
import { noiseStartOf, pieceOfBody, piecesOfBody } from "../../bench/stream/bodies.ts";

const MiB = 1024 * 1024;

test("a piece from any offset is that slice of the body", () => {
  const key = "large/object 00001.bin";
  const sizeBytes = 9 * MiB + 7;
  const body = Buffer.concat([...piecesOfBody(key, sizeBytes)]);
  expect(body.length).toBe(sizeBytes);
  for (const offset of [0, 1, MiB - 1, 4_194_300, 4_194_301, 8_388_602, sizeBytes - 3]) {
    const piece = pieceOfBody(noiseStartOf(key), offset, sizeBytes);
    expect(piece.length).toBe(Math.min(MiB, sizeBytes - offset));
    expect(piece.equals(body.subarray(offset, offset + piece.length))).toBe(true);
  }
});

test("two keys have different bytes", () => {
  const [one] = piecesOfBody("a", 1000);
  const [other] = piecesOfBody("b", 1000);
  expect(one?.equals(other ?? Buffer.alloc(0))).toBe(false);
});

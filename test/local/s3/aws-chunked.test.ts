import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeAwsChunked } from "../../../local/s3/aws-chunked.ts";

/** Decodes a body that arrives cut at the given places. */
async function decode(body: Buffer, cuts: readonly number[] = []) {
  const trailers = new Map<string, string>();
  async function* pieces() {
    const places = [0, ...[...cuts].sort((a, b) => a - b), body.length];
    for (const [index, start] of places.entries())
      yield body.subarray(start, places[index + 1] ?? body.length);
  }
  const decoded: Buffer[] = [];
  const options = { signing: undefined, hasTrailers: true, trailers };
  for await (const piece of decodeAwsChunked(pieces(), options)) decoded.push(piece);
  return { bytes: Buffer.concat(decoded), trailers };
}

const encode = (chunks: readonly Uint8Array[], end: string) =>
  Buffer.concat([
    ...chunks.map((chunk) =>
      Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]),
    ),
    Buffer.from(`0\r\n${end}`),
  ]);

describe("aws-chunked", () => {
  test("any chunks, cut anywhere on their way, give their bytes and the trailer", async () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 5 }), fc.array(fc.nat(300)), async (chunks, cuts) => {
        const body = encode(chunks, "x-amz-checksum-crc32:AAAAAA==\r\n\r\n");
        const { bytes, trailers } = await decode(
          body,
          cuts.map((cut) => Math.min(cut, body.length)),
        );
        expect(bytes.equals(Buffer.concat(chunks))).toBe(true);
        expect(trailers).toEqual(new Map([["x-amz-checksum-crc32", "AAAAAA=="]]));
      }),
    );
  });

  test.each([
    ["ends within a chunk", "5\r\nabc"],
    ["ends without a last chunk", "3\r\nabc\r\n"],
    ["ends within the trailer", "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n"],
    ["has a chunk longer than it says", "2\r\nabc\r\n0\r\n\r\n"],
    ["has a length that is no number", "zz\r\nabc\r\n0\r\n\r\n"],
    ["has a line that never ends", "1".repeat(100_000)],
  ])("a body that %s is refused", async (_, text) => {
    const body = Buffer.from(text);
    const cuts = Array.from({ length: 5 }, (_cut, n) => Math.floor((body.length * n) / 5));
    await expect(decode(body, cuts)).rejects.toMatchObject({ code: "IncompleteBody" });
  });
});

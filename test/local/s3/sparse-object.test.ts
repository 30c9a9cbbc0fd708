import { crc32 } from "node:zlib";
import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testS3 } from "../../support/s3.ts";
import { putSparseObject, sparseBytes, sparseCrc32 } from "../../support/sparse-object.ts";

const s3 = testS3();
const gibibyte = 1024 ** 3;

async function bytesOf(Bucket: string, Key: string, start: number, end: number): Promise<Buffer> {
  const Range = `bytes=${start}-${end - 1}`;
  const { Body } = await s3().client.send(new GetObjectCommand({ Bucket, Key, Range }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

describe("a sparse object", () => {
  test.each([
    ["of nothing", 0],
    ["of a few bytes", 1000],
    ["of a gibibyte", gibibyte],
    ["of 10 GiB", 10 * gibibyte],
    ["of 2 TiB and one byte", 2048 * gibibyte + 1],
  ])("%s has its length, its CRC-32 and its bytes", async (key, sizeBytes) => {
    const bucket = await s3().newBucket();
    await putSparseObject(s3().client, { bucket, key, sizeBytes });
    const head = new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: "ENABLED" });
    const { ContentLength, ChecksumCRC32 = "" } = await s3().client.send(head);
    expect(ContentLength).toBe(sizeBytes);
    expect(Buffer.from(ChecksumCRC32, "base64").readUInt32BE()).toBe(sparseCrc32(key, 0, sizeBytes));
    for (const share of sizeBytes === 0 ? [] : [0, 0.3, 0.7, 1]) {
      const end = Math.min(sizeBytes, Math.floor(share * sizeBytes) + 500);
      const start = Math.max(0, end - 700);
      const bytes = await bytesOf(bucket, key, start, end);
      expect(bytes.equals(sparseBytes(key, start, end)), `${start} to ${end}`).toBe(true);
    }
  });

  test("of another seed has other bytes, and of the same the same", () => {
    expect(sparseBytes("a", 0, 100)).not.toEqual(sparseBytes("b", 0, 100));
    expect(sparseBytes("a", 0, 100).subarray(37)).toEqual(sparseBytes("a", 37, 100));
  });

  test("has CRC-32s that are those of its bytes", () => {
    const piece = 33_554_393;
    const near = fc.integer({ min: -40, max: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), near, fc.nat(40_000_000), (pieces, off, length) => {
        const start = pieces * piece + off;
        const bytes = sparseBytes("seed", start, start + length);
        expect(sparseCrc32("seed", start, start + length)).toBe(crc32(bytes));
      }),
      { numRuns: 5 },
    );
  });
});

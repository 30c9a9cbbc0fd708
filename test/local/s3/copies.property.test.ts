import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { expect, test } from "vitest";
import { testS3 } from "../../support/s3.ts";

const s3 = testS3();
const leastPart = 5 * 1024 * 1024;
const bodies = [randomBytes(leastPart + 100_001), randomBytes(70_000), randomBytes(3)];

/** A share of a length, to name offsets before one knows of what. */
const share = fc.double({ min: 0, max: 1, noNaN: true });
const step = fc.record({
  target: fc.nat(5),
  /** Whether a part of the least length comes before the last one, which may have any length. */
  isLong: fc.boolean(),
  last: fc.record({ source: share, from: share, to: share }),
  deletesSource: fc.boolean(),
});

interface Step {
  readonly target: number;
  readonly isLong: boolean;
  readonly last: Slice;
  readonly deletesSource: boolean;
}

interface Slice {
  readonly source: number;
  readonly from: number;
  readonly to: number;
}

interface Objects {
  readonly bucket: string;
  readonly contents: Map<string, Buffer>;
}

interface Piece {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** A slice of one of the objects that are there, of at least a byte. */
function pieceOf({ contents }: Objects, { source, from, to }: Slice): Piece {
  const keys = [...contents].filter(([, bytes]) => bytes.length > 0).map(([key]) => key);
  const key = keys[Math.floor(source * (keys.length - 1))] ?? "";
  const length = contents.get(key)?.length ?? 0;
  const [start = 0, end = 0] = [from, to].map((at) => Math.floor(at * length)).sort((a, b) => a - b);
  return { key, start: Math.min(start, length - 1), end: Math.max(end, start + 1) };
}

/** The first bytes of an object that is long enough to be more than the last part. */
function longPiece({ contents }: Objects): Piece | undefined {
  const [key] = [...contents].find(([, bytes]) => bytes.length >= leastPart) ?? [];
  return key === undefined ? undefined : { key, start: 0, end: leastPart };
}

/** Makes an object of copied parts, in S3 and in memory. */
async function assemble({ bucket, contents }: Objects, Key: string, pieces: readonly Piece[]): Promise<void> {
  const { client } = s3();
  const target = { Bucket: bucket, Key };
  const whole = { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" } as const;
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ...whole }));
  const Parts = [];
  for (const [index, { key, start, end }] of pieces.entries()) {
    const source = {
      CopySource: encodeURI(`${bucket}/${key}`),
      CopySourceRange: `bytes=${start}-${end - 1}`,
    };
    const part = { ...target, UploadId, PartNumber: index + 1 };
    const { CopyPartResult } = await client.send(new UploadPartCopyCommand({ ...part, ...source }));
    Parts.push({ PartNumber: index + 1, ETag: CopyPartResult?.ETag });
  }
  const bytes = Buffer.concat(
    pieces.map(({ key, start, end }) => contents.get(key)?.subarray(start, end) ?? Buffer.alloc(0)),
  );
  const complete = { ...target, UploadId, MultipartUpload: { Parts } };
  const { ChecksumCRC32 = "" } = await client.send(new CompleteMultipartUploadCommand(complete));
  expect(Buffer.from(ChecksumCRC32, "base64").readUInt32BE()).toBe(crc32(bytes));
  contents.set(Key, bytes);
}

async function bytesOf(Bucket: string, Key: string): Promise<Buffer> {
  const { Body } = await s3().client.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

async function newObjects(): Promise<Objects> {
  const bucket = await s3().newBucket();
  const contents = new Map(bodies.map((bytes, index) => [`body ${index}`, bytes]));
  for (const [key, bytes] of contents) await s3().put(bucket, key, bytes);
  return { bucket, contents };
}

async function take(objects: Objects, { target, isLong, last, deletesSource }: Step): Promise<void> {
  const long = isLong ? longPiece(objects) : undefined;
  const piece = pieceOf(objects, last);
  await assemble(objects, `${target}`, long === undefined ? [piece] : [long, piece]);
  if (!deletesSource || piece.key === `${target}`) return;
  await s3().client.send(new DeleteObjectCommand({ Bucket: objects.bucket, Key: piece.key }));
  objects.contents.delete(piece.key);
}

test("copies of slices of copies hold what slices in memory hold, whatever becomes of their sources", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      const objects = await newObjects();
      for (const next of steps) await take(objects, next);
      for (const [key, bytes] of objects.contents) {
        expect((await bytesOf(objects.bucket, key)).equals(bytes), key).toBe(true);
      }
    }),
    { numRuns: 12 },
  );
});

import { createCipheriv, hash } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  type ChecksumAlgorithm,
  type ChecksumType,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import pLimit from "p-limit";
import { combineCrc32s } from "../../lambdas/crc32/combine-crc32.ts";

/** An object of any size up to 48 TiB that a test has in a second or two. */
export interface SparseObject {
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  /** Objects of one seed begin with the same bytes. By default the key. */
  readonly seed?: string;
  /** What S3 keeps of it; by default the CRC-32 of the full object. None: what S3 takes of itself. */
  readonly checksum?: SparseChecksum | "none";
}

interface SparseChecksum {
  readonly ChecksumAlgorithm: ChecksumAlgorithm;
  readonly ChecksumType?: ChecksumType;
}

/**
 * The length of the piece of pseudo-random bytes that such an object repeats: a prime, so that no two parts of an object
 * cut at round numbers are the same.
 */
const pieceBytes = 33_554_393;
/** As many as one copy takes at most. */
const piecesOfABlock = 160;
const blockBytes = piecesOfABlock * pieceBytes;

/**
 * Puts it: one piece is sent, all else S3 copies, from the piece or from a block of pieces. In the local S3 it takes the
 * disk space of the piece.
 */
export async function putSparseObject(s3: S3Client, object: SparseObject): Promise<void> {
  const { bucket, key, sizeBytes, seed = key, checksum = fullCrc32 } = object;
  const asked = checksum === "none" ? {} : checksum;
  if (sizeBytes <= pieceBytes) {
    const Body = sparseBytes(seed, 0, sizeBytes);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, ...asked }));
    return;
  }
  const Body = sparseBytes(seed, 0, pieceBytes);
  const piece = { Bucket: bucket, Key: `${key}.piece` };
  const block = { Bucket: bucket, Key: `${key}.block` };
  const { VersionId: pieceVersion } = await s3.send(new PutObjectCommand({ ...piece, Body, ...fullCrc32 }));
  if (sizeBytes <= blockBytes) {
    await putCopies(s3, { Bucket: bucket, Key: key }, { ...piece, length: pieceBytes }, sizeBytes, asked);
  } else {
    const blockVersion = await putCopies(s3, block, { ...piece, length: pieceBytes }, blockBytes, fullCrc32);
    await putCopies(s3, { Bucket: bucket, Key: key }, { ...block, length: blockBytes }, sizeBytes, asked);
    await s3.send(new DeleteObjectCommand({ ...block, VersionId: blockVersion }));
  }
  await s3.send(new DeleteObjectCommand({ ...piece, VersionId: pieceVersion }));
}

const fullCrc32: SparseChecksum = { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" };

interface Target {
  readonly Bucket: string;
  readonly Key: string;
}

/** Copies of `source`, one after the other, the last of them cut; answers the version it is. */
async function putCopies(
  s3: S3Client,
  target: Target,
  source: Target & { readonly length: number },
  sizeBytes: number,
  checksum: Partial<SparseChecksum>,
): Promise<string | undefined> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...target, ...checksum }));
  const CopySource = encodeURIComponent(`${source.Bucket}/${source.Key}`);
  const limit = pLimit(16);
  const count = Math.ceil(sizeBytes / source.length);
  const copies = Array.from({ length: count }, (_, index) =>
    limit(async () => {
      const length = Math.min(source.length, sizeBytes - index * source.length);
      const CopySourceRange = `bytes=0-${length - 1}`;
      const part = { ...target, UploadId, PartNumber: index + 1, CopySource, CopySourceRange };
      const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(part));
      const { LastModified: _, ...told } = CopyPartResult ?? {};
      return { PartNumber: index + 1, ...told };
    }),
  );
  const MultipartUpload = { Parts: await Promise.all(copies) };
  const complete = new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload });
  return (await s3.send(complete)).VersionId;
}

/** The bytes [start, end) of such an object. Cost: those bytes alone, wherever they are. */
export function sparseBytes(seed: string, start: number, end: number): Buffer {
  const runs: Buffer[] = [];
  for (let at = start; at < end; ) {
    const from = at % pieceBytes;
    const length = Math.min(pieceBytes - from, end - at);
    runs.push(keystream(seed, from, length));
    at += length;
  }
  return Buffer.concat(runs);
}

/** The CRC-32 of the bytes [start, end) of such an object. Cost: that of two pieces at most. */
export function sparseCrc32(seed: string, start: number, end: number): number {
  const first = Math.ceil(start / pieceBytes);
  const last = Math.floor(end / pieceBytes);
  if (last <= first) return crc32(sparseBytes(seed, start, end));
  const whole = crc32(sparseBytes(seed, 0, pieceBytes));
  return combineCrc32s([
    runOf(seed, start, first * pieceBytes),
    ...Array.from({ length: last - first }, () => ({ sizeBytes: pieceBytes, crc32: whole })),
    runOf(seed, last * pieceBytes, end),
  ]);
}

function runOf(seed: string, start: number, end: number) {
  return { sizeBytes: end - start, crc32: crc32(sparseBytes(seed, start, end)) };
}

const cipherBlockBytes = 16;

/** AES in counter mode begins wherever one likes, and is as fast as bytes are written. */
function keystream(seed: string, start: number, length: number): Buffer {
  const counter = Buffer.alloc(cipherBlockBytes);
  counter.writeUInt32BE(Math.floor(start / cipherBlockBytes), cipherBlockBytes - 4);
  const key = hash("sha256", seed, "buffer").subarray(0, cipherBlockBytes);
  const skipped = start % cipherBlockBytes;
  const cipher = createCipheriv("aes-128-ctr", key, counter);
  return cipher.update(Buffer.alloc(skipped + length)).subarray(skipped);
}

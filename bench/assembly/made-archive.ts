import { PassThrough, type Readable } from "node:stream";
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from "yauzl";
import { Chance } from "../stream/chance.ts";
import type { BenchObject } from "../stream/object-set.ts";
import { archivesBucket } from "./account.ts";
import { bytesOfBody } from "./describe-objects.ts";

/** An archive in the bucket of archives. */
export interface MadeArchive {
  readonly key: string;
  readonly lengthBytes: number;
}

/**
 * Reads the central directory with yauzl, and some bytes of some entries where their headers say they are.
 * Throws: Error when an entry is not what its object is.
 */
export async function checkArchive(
  s3: S3Client,
  archive: MadeArchive,
  objects: readonly BenchObject[],
): Promise<void> {
  const expected = new Map(objects.map((object) => [object.key, object]));
  const entries: Entry[] = [];
  const reader = await openEnd(s3, archive, objects.length);
  const zip = await fromRandomAccessReaderPromise(reader, archive.lengthBytes, { lazyEntries: true });
  for await (const entry of zip.eachEntry()) {
    const object = expected.get(entry.fileName);
    expected.delete(entry.fileName);
    if (object === undefined || entry.uncompressedSize !== object.sizeBytes || entry.crc32 !== object.crc32)
      throw new Error(`The archive's entry ${entry.fileName} is none of the objects`);
    entries.push(entry);
  }
  if (expected.size > 0) throw new Error(`${expected.size} objects are not in the archive`);
  const chance = new Chance();
  for (let sample = 0; sample < sampleCount; sample += 1) {
    const entry = entries[chance.between(0, entries.length - 1)];
    if (entry !== undefined) await checkBytes(s3, archive, entry, chance);
  }
}

/** Throws: Error when S3 tells another CRC-32 of the whole object. */
export async function checkWholeCrc32(s3: S3Client, { key }: MadeArchive, crc32: number): Promise<void> {
  const head = new HeadObjectCommand({ Bucket: archivesBucket, Key: key, ChecksumMode: "ENABLED" });
  const { ChecksumCRC32 = "", ChecksumType } = await s3.send(head);
  const expected = Buffer.alloc(4);
  expected.writeUInt32BE(crc32);
  if (ChecksumType === "FULL_OBJECT" && ChecksumCRC32 === expected.toString("base64")) return;
  throw new Error(
    `The archive's CRC-32 is ${ChecksumType} ${ChecksumCRC32}, not ${expected.toString("base64")}`,
  );
}

/** Gives back its disk space. */
export async function removeArchive(s3: S3Client, key: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: archivesBucket, Key: key }));
}

async function checkBytes(s3: S3Client, archive: MadeArchive, entry: Entry, chance: Chance): Promise<void> {
  const { fileName, uncompressedSize, relativeOffsetOfLocalHeader: header } = entry;
  const lengths = await bytesOf(s3, archive, header + 26, header + 30);
  const data = header + 30 + lengths.readUInt16LE(0) + lengths.readUInt16LE(2);
  const start = Math.floor((uncompressedSize * chance.between(0, 1_000_000)) / 1_000_001);
  const end = Math.min(uncompressedSize, start + sampleBytes);
  const found = await bytesOf(s3, archive, data + start, data + end);
  if (!found.equals(bytesOfBody(fileName, start, end)))
    throw new Error(
      `Bytes ${start} to ${end} of the archive's entry ${fileName} are not those of its object`,
    );
}

async function bytesOf(s3: S3Client, { key }: MadeArchive, start: number, end: number): Promise<Buffer> {
  if (start === end) return Buffer.alloc(0);
  const Range = `bytes=${start}-${end - 1}`;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: archivesBucket, Key: key, Range }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

async function openEnd(s3: S3Client, archive: MadeArchive, entryCount: number): Promise<RandomAccessReader> {
  const start = Math.max(0, archive.lengthBytes - endBytes - entryCount * mostDirectoryBytes);
  return new EndReader(start, await bytesOf(s3, archive, start, archive.lengthBytes));
}

/** The end of an archive, in memory: yauzl reads a central directory in pieces of 46 bytes. */
class EndReader extends RandomAccessReader {
  readonly #start: number;
  readonly #bytes: Buffer;

  constructor(start: number, bytes: Buffer) {
    super();
    this.#start = start;
    this.#bytes = bytes;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const stream = new PassThrough();
    stream.end(this.#bytes.subarray(start - this.#start, end - this.#start));
    return stream;
  }
}

const sampleCount = 64;
const sampleBytes = 64 * 1024;
/** More than a comment and all end records take. */
const endBytes = 128 * 1024;
/** Of one entry; more than names as they are here need. */
const mostDirectoryBytes = 256;

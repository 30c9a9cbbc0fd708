import { CompleteMultipartUploadCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import type { ArchiveUpload, FinishedPart } from "../../ball/archive-bucket.ts";
import type { AssembledArchive } from "../../ball/assembly.ts";
import { BallError } from "../../ball/errors.ts";
import type { SourceObject } from "../../ball/source.ts";
import { type Archives, answerOf } from "./archives.ts";
import { encodeCrc32, sourceObjectOfHead } from "./describe-object.ts";
import { archiveFailureOf, isGone, isUploadGone, uploadGone } from "./failures.ts";
import { archiveName } from "./hide-balls.ts";
import { sendOptions } from "./pinned-request.ts";
import { removeObject } from "./remove-archives.ts";

/** What an archive has to be. */
export interface WholeArchive {
  readonly lengthBytes: number;
  /** undefined: nobody knows. */
  readonly crc32: number | undefined;
}

/**
 * Makes the object of its parts, and looks whether it is what it has to be. An upload that is no longer there may have been
 * completed by another, or by this request when its answer was lost: the object is looked for then, too.
 * Throws: BallError("upload-gone"), BallError("archive-unwritable").
 */
export async function completeArchive(
  archives: Archives,
  upload: ArchiveUpload,
  { parts, whole }: { readonly parts: readonly FinishedPart[]; readonly whole: WholeArchive },
  signal: AbortSignal | undefined,
): Promise<AssembledArchive> {
  const isCompleted = await sendCompletion(archives, completion(archives, upload, parts, whole), signal);
  if (isCompleted) return await requireArchive(archives, upload.key, whole, signal);
  const object = await describeArchive(archives, upload.key, signal);
  if (object !== undefined && isThat(object, whole)) return archiveOf(object);
  throw uploadGone(`complete ${archiveName(upload.key)}`);
}

/** Whether there was still an upload to complete. */
async function sendCompletion(
  { s3, bucket }: Archives,
  command: CompleteMultipartUploadCommand,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await s3.send(command, sendOptions(signal));
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    if (isUploadGone(error)) return false;
    throw archiveFailureOf(error, `complete ${archiveName(command.input.Key ?? "")}`, bucket);
  }
}

function completion(
  { bucket }: Archives,
  { key, uploadId }: ArchiveUpload,
  parts: readonly FinishedPart[],
  { lengthBytes, crc32 }: WholeArchive,
): CompleteMultipartUploadCommand {
  return new CompleteMultipartUploadCommand({
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
    MpuObjectSize: lengthBytes,
    ChecksumType: "FULL_OBJECT",
    ...checksum(crc32),
    MultipartUpload: {
      Parts: parts.map((part) => ({ PartNumber: part.number, ETag: part.etag, ...checksum(part.crc32) })),
    },
  });
}

function checksum(crc32: number | undefined): { ChecksumCRC32?: string } {
  return crc32 === undefined ? {} : { ChecksumCRC32: encodeCrc32(crc32) };
}

/** The object of that key in the bucket of archives; undefined when there is none. */
export async function findArchive(
  archives: Archives,
  key: string,
  signal?: AbortSignal,
): Promise<AssembledArchive | undefined> {
  const object = await describeArchive(archives, key, signal);
  return object && archiveOf(object);
}

/**
 * An archive that was written just now. One that is not what it has to be is removed: the next try would find it, and take
 * it for the archive. Throws: BallError("archive-unwritable").
 */
export async function requireArchive(
  archives: Archives,
  key: string,
  whole: WholeArchive,
  signal?: AbortSignal,
): Promise<AssembledArchive> {
  const object = await describeArchive(archives, key, signal);
  if (object !== undefined && isThat(object, whole)) return archiveOf(object);
  // What it is found to be is what to report. One that stays goes with its attempt.
  if (object !== undefined) await removeObject(archives, key).catch(() => undefined);
  throw otherThanPlanned(key, object, whole);
}

async function describeArchive(
  archives: Archives,
  key: string,
  signal: AbortSignal | undefined,
): Promise<SourceObject | undefined> {
  const command = new HeadObjectCommand({ Bucket: archives.bucket, Key: key, ChecksumMode: "ENABLED" });
  const asking = archives.s3.send(command, sendOptions(signal)).catch((error: unknown) => {
    if (isGone(error)) return undefined;
    throw error;
  });
  const head = await answerOf(archives, { action: `look for ${archiveName(key)}`, signal }, asking);
  return head && sourceObjectOfHead(key, head);
}

/** A server that does not tell the CRC-32 is believed: it may hold no object to one. */
function isThat({ sizeBytes, crc32 }: SourceObject, whole: WholeArchive): boolean {
  const isOtherCrc32 = typeof crc32 === "number" && whole.crc32 !== undefined && crc32 !== whole.crc32;
  return sizeBytes === whole.lengthBytes && !isOtherCrc32;
}

function archiveOf({ key, etag, sizeBytes, mtimeEpochSeconds }: SourceObject): AssembledArchive {
  return { key, etag, lengthBytes: sizeBytes, lastModifiedEpochSeconds: mtimeEpochSeconds };
}

function otherThanPlanned(key: string, found: SourceObject | undefined, whole: WholeArchive): BallError {
  const is = found === undefined ? "is not there" : `has ${found.sizeBytes} bytes and CRC-32 ${found.crc32}`;
  const expected = `${whole.lengthBytes} bytes and CRC-32 ${whole.crc32 ?? "of any value"}`;
  return new BallError(
    "archive-unwritable",
    `${archiveName(key)} ${is} when it was written; expected ${expected}`,
  );
}

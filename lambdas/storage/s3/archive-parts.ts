import { UploadPartCommand, UploadPartCopyCommand } from "@aws-sdk/client-s3";
import { z } from "zod";
import type { ArchiveUpload, FinishedPart } from "../../ball/archive-bucket.ts";
import type { AssembledArchive } from "../../ball/assembly.ts";
import type { PinnedSource, SourceRange } from "../../ball/source.ts";
import { type Archives, answerOf } from "./archives.ts";
import { copyInput } from "./copy-source.ts";
import { decodeCrc32, encodeCrc32 } from "./describe-object.ts";
import {
  archiveFailureOf,
  failureOf,
  isGone,
  isUploadGone,
  quoted,
  sourceChanged,
  uploadGone,
} from "./failures.ts";
import { archiveName } from "./hide-balls.ts";
import { sendOptions } from "./pinned-request.ts";
import { leaveBodyUnsigned } from "./unsigned-body.ts";

/** Which part of which upload. */
export interface PartName {
  readonly upload: ArchiveUpload;
  readonly number: number;
}

const uploadedPart = z.object({ ETag: z.string().min(1) });

/** Uploads one part, whose CRC-32 S3 holds it to. */
export async function uploadPart(
  archives: Archives,
  { upload, number }: PartName,
  { bytes, crc32 }: { readonly bytes: Uint8Array; readonly crc32: number },
  signal: AbortSignal | undefined,
): Promise<FinishedPart> {
  const command = new UploadPartCommand({
    ...partInput(archives, { upload, number }),
    Body: bytes,
    ContentLength: bytes.length,
    // Given, it is not computed by the SDK again.
    ChecksumCRC32: encodeCrc32(crc32),
  });
  const action = `upload part ${number} of ${archiveName(upload.key)}`;
  const sending = archives.s3.send(leaveBodyUnsigned(command), sendOptions(signal));
  const { ETag: etag } = uploadedPart.parse(await answerOf(archives, { action, signal }, sending));
  return { number, etag, sizeBytes: bytes.length, crc32 };
}

/** Copies bytes of a source object. A refused access is told of the source: the upload itself was begun. */
export async function copyPart(
  archives: Archives,
  part: PartName,
  { source, range }: { readonly source: PinnedSource; readonly range: SourceRange },
  signal: AbortSignal | undefined,
): Promise<FinishedPart> {
  try {
    return await copy(archives, part, { source, range }, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const action = `copy ${quoted(source.key)}`;
    if (isUploadGone(error)) throw uploadGone(action, error);
    if (isGone(error)) throw sourceChanged(source, error);
    throw failureOf(error, action, source.bucket);
  }
}

/** Copies bytes of an object of the bucket itself. One that is gone was cleaned up with its upload. */
export async function joinPart(
  archives: Archives,
  part: PartName,
  { object, range }: { readonly object: AssembledArchive; readonly range: SourceRange },
  signal: AbortSignal | undefined,
): Promise<FinishedPart> {
  const { key, etag, lengthBytes: sizeBytes } = object;
  const action = `join ${archiveName(key)} into ${archiveName(part.upload.key)}`;
  const source: PinnedSource = { bucket: archives.bucket, key, pin: { kind: "etag", etag }, sizeBytes };
  try {
    return await copy(archives, part, { source, range }, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (isGone(error)) throw uploadGone(action, error);
    throw archiveFailureOf(error, action, archives.bucket);
  }
}

const copiedPart = z.object({
  CopyPartResult: z.object({ ETag: z.string().min(1), ChecksumCRC32: z.string().optional() }),
  CopySourceVersionId: z.string().optional(),
});

/** Throws what S3 fails with, which may stand in the body of an answer that began well: the SDK looks for it there. */
async function copy(
  archives: Archives,
  part: PartName,
  { source, range }: { readonly source: PinnedSource; readonly range: SourceRange },
  signal: AbortSignal | undefined,
): Promise<FinishedPart> {
  const command = new UploadPartCopyCommand({ ...partInput(archives, part), ...copyInput(source, range) });
  const answer = copiedPart.parse(await archives.s3.send(command, sendOptions(signal)));
  const { ETag: etag, ChecksumCRC32 } = answer.CopyPartResult;
  // A server may not know of versions; of an ETag it tells nothing.
  const { pin } = source;
  if (pin.kind === "version" && answer.CopySourceVersionId !== pin.versionId) throw sourceChanged(source);
  const { number } = part;
  return { number, etag, sizeBytes: range.end - range.start, crc32: decodeCrc32(ChecksumCRC32 ?? "") };
}

function partInput({ bucket }: Archives, { upload, number }: PartName) {
  return { Bucket: bucket, Key: upload.key, UploadId: upload.uploadId, PartNumber: number };
}

import { CreateMultipartUploadCommand, type S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import type { ArchiveBucket } from "../../ball/archive-bucket.ts";
import { copyPart, joinPart, uploadPart } from "./archive-parts.ts";
import { type Archives, answerOf, archiveContentType } from "./archives.ts";
import { completeArchive, findArchive } from "./complete-archive.ts";
import { archiveName } from "./hide-balls.ts";
import { listParts } from "./list-parts.ts";
import { sendOptions } from "./pinned-request.ts";
import { putArchive } from "./put-archive.ts";
import { abortArchive, removeArchives } from "./remove-archives.ts";

/**
 * The bucket of archives in S3; `s3` as createCopyingS3Client makes it.
 * It has to be allowed to list the bucket: without that S3 answers 403, and not 404, for an archive that is not there.
 */
export function createArchiveBucket(s3: S3Client, bucketName: string): ArchiveBucket {
  const archives: Archives = { s3, bucket: bucketName };
  return {
    beginUpload: (key, signal) => beginUpload(archives, key, signal),
    uploadPart: (upload, number, part, signal) => uploadPart(archives, { upload, number }, part, signal),
    copyPart: (upload, number, part, signal) => copyPart(archives, { upload, number }, part, signal),
    joinPart: (upload, number, part, signal) => joinPart(archives, { upload, number }, part, signal),
    parts: (upload, first, end, signal) => listParts(archives, upload, { first, end }, signal),
    complete: (upload, parts, whole, signal) => completeArchive(archives, upload, { parts, whole }, signal),
    abort: (upload) => abortArchive(archives, upload),
    find: (key, signal) => findArchive(archives, key, signal),
    put: (key, chunks, signal) => putArchive(archives, key, chunks, signal),
    removeAll: (prefix, except) => removeArchives(archives, prefix, except),
  };
}

const begunUpload = z.object({ UploadId: z.string().min(1) });

async function beginUpload(
  archives: Archives,
  key: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const command = new CreateMultipartUploadCommand({
    Bucket: archives.bucket,
    Key: key,
    ContentType: archiveContentType,
    ChecksumAlgorithm: "CRC32",
    ChecksumType: "FULL_OBJECT",
  });
  const action = `begin the upload of ${archiveName(key)}`;
  const beginning = archives.s3.send(command, sendOptions(signal));
  return begunUpload.parse(await answerOf(archives, { action, signal }, beginning)).UploadId;
}

import type { ArchiveUpload, FinishedPart } from "../ball/archive-bucket.ts";
import type { AssembledArchive } from "../ball/assembly.ts";
import { combineCrc32s } from "../crc32/combine-crc32.ts";
import type { AssemblyContext } from "./assembly-context.ts";

interface WholeUpload {
  readonly upload: ArchiveUpload;
  readonly lengthBytes: number;
  readonly partCount: number;
  readonly signal: AbortSignal;
}

/**
 * Makes the object of an upload that has all its parts, and none but these: their lengths add up, and S3 holds the
 * object to the CRC-32 that follows from theirs. Throws: Error when they are others.
 */
export async function completeUpload(
  { archives }: AssemblyContext,
  { upload, lengthBytes, partCount, signal }: WholeUpload,
): Promise<AssembledArchive> {
  const parts = await archives.parts(upload, 1, partCount + 1, signal);
  const foundBytes = parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (parts.length !== partCount || foundBytes !== lengthBytes) {
    throw new Error(
      `The upload has ${parts.length} parts of ${foundBytes} bytes together where ${partCount} of ${lengthBytes} were made`,
    );
  }
  return await archives.complete(upload, parts, { lengthBytes, crc32: crc32Of(parts) }, signal);
}

/** undefined where S3 does not tell that of every part. */
function crc32Of(parts: readonly FinishedPart[]): number | undefined {
  const told = parts.flatMap(({ sizeBytes, crc32 }) => (crc32 === undefined ? [] : [{ sizeBytes, crc32 }]));
  return told.length === parts.length ? combineCrc32s(told) : undefined;
}

import type { S3Client } from "@aws-sdk/client-s3";
import { archiveFailureOf } from "./failures.ts";

/** The bucket of archives, and who asks it. */
export interface Archives {
  readonly s3: S3Client;
  readonly bucket: string;
}

export const archiveContentType = "application/zip";

/** What was asked for, as `complete "a.zip"`, and what ends the asking. */
export interface Asked {
  readonly action: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * What S3 answers to a request about the bucket of archives.
 * Throws: the signal's reason once it is aborted, BallError("upload-gone"), BallError("archive-unwritable").
 */
export async function answerOf<Answer>(
  { bucket }: Archives,
  { action, signal }: Asked,
  answering: Promise<Answer>,
): Promise<Answer> {
  try {
    return await answering;
  } catch (error) {
    signal?.throwIfAborted();
    throw archiveFailureOf(error, action, bucket);
  }
}

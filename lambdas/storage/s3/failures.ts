import { S3ServiceException } from "@aws-sdk/client-s3";
import { BallError } from "../../ball/errors.ts";
import type { PinnedSource } from "../../ball/source.ts";

/**
 * What a request to S3 failed with: as a BallError where it has a name there, and as it is otherwise, or where it is one
 * by now. `action` is what was to be done, for the message: `read "a.txt"`.
 */
export function failureOf(error: unknown, action: string, bucket: string): unknown {
  if (error instanceof BallError) return error;
  if (isArchived(error)) {
    const message = `S3 has to restore from an archive what this service was to ${action} in bucket ${quoted(bucket)}`;
    return new BallError("source-archived", message, { cause: error });
  }
  if (isDenied(error)) {
    const message = `S3 does not let this service ${action} in bucket ${quoted(bucket)}`;
    return new BallError("source-forbidden", message, { cause: error });
  }
  if (!isFailing(error)) return error;
  const message = `S3 went on failing when this service was to ${action} in bucket ${quoted(bucket)}`;
  return new BallError("source-unreadable", message, { cause: error });
}

/**
 * What a request about the bucket of archives failed with, as a BallError where S3 said it, or could not be reached;
 * otherwise as it is. `action` as in `complete "a.zip"`.
 */
export function archiveFailureOf(error: unknown, action: string, bucket: string): unknown {
  if (error instanceof BallError) return error;
  if (isUploadGone(error)) return uploadGone(action, error);
  if (!(error instanceof S3ServiceException) && !isFailing(error)) return error;
  const message = `S3 answered ${saidBy(error)} when this service was to ${action} in its bucket of archives ${quoted(bucket)}`;
  return new BallError("archive-unwritable", message, { cause: error });
}

/** What S3 said, in one word: to a HEAD it says none. */
function saidBy(error: unknown): string {
  if (!(error instanceof S3ServiceException)) return "nothing";
  return error.name === "Unknown" ? wordless(statusOf(error)) : error.name;
}

/** Whether a multipart upload was completed or aborted. */
export function isUploadGone(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === "NoSuchUpload";
}

/** An upload, or what was made by one, that another has completed or cleaned up. */
export function uploadGone(action: string, cause?: unknown): BallError {
  const message = `There is no such upload any more, as this service was to ${action}`;
  return new BallError("upload-gone", message, { cause });
}

/** 404: no such key or version; 405: a delete marker; 412: another ETag. */
export function isGone(error: unknown): boolean {
  if (!(error instanceof S3ServiceException) || isNotOfS3(error)) return false;
  return [404, 405, 412].includes(statusOf(error)) || goneCodes.has(error.name);
}

/** A copy may be refused in the body of an answer that began well, whose status says nothing then. */
const goneCodes: ReadonlySet<string> = new Set(["NoSuchKey", "NoSuchVersion", "PreconditionFailed"]);

/** A GET's 404 without S3's words: of something that stands before S3, and says nothing about the object. */
export function isNotOfS3(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === wordless(404);
}

/** What a refusal is called that has no code of its own. */
export function wordless(status: number): string {
  return `HTTP ${status}`;
}

/**
 * 403: who may read an object need not be allowed to ask for its attributes; 400, 405, 501: a server that does not have
 * the operation. Neither says anything about the object.
 */
export function isNotTold(error: unknown): boolean {
  return error instanceof S3ServiceException && [400, 403, 405, 501].includes(statusOf(error));
}

/** Codes of S3 for credentials that were good once, as temporary ones are (API reference, "List of error codes"). */
const expiredCodes: ReadonlySet<string> = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "TokenRefreshRequired",
]);

/** Whether credentials have to be renewed. */
export function isExpired(error: unknown): boolean {
  return error instanceof S3ServiceException && expiredCodes.has(error.name);
}

/** A source that is gone, or whose pin no longer holds. */
export function sourceChanged(source: PinnedSource, cause?: unknown): BallError {
  const message = `${quoted(source.key)} is no longer the object this ball was made of`;
  return new BallError("source-changed", message, { cause });
}

/** A key or a bucket's name as it stands in messages. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** An object that has moved to an archive storage class since it was looked up. It is answered with 403, too. */
function isArchived(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === "InvalidObjectState";
}

/** Credentials that are expired, and were not renewed by their provider, are answered with 400. */
function isDenied(error: unknown): boolean {
  return isExpired(error) || (error instanceof S3ServiceException && statusOf(error) === 403);
}

/** A server that fails or throttles, or one that can not be reached, after all the SDK's attempts. */
function isFailing(error: unknown): boolean {
  if (error instanceof S3ServiceException)
    return statusOf(error) >= 500 || statusOf(error) === 429 || isNotOfS3(error);
  // Node's own errors of sockets have a code; the SDK's timeouts have a name.
  return error instanceof Error && ("code" in error || error.name === "TimeoutError");
}

function statusOf(error: S3ServiceException): number {
  return error.$metadata.httpStatusCode ?? 0;
}

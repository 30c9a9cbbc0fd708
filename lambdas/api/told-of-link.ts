import { BallError, type BallErrorCode } from "../ball/errors.ts";

const sources = "The objects this zip is made of can not be read as they were when the link was made";
const assembly = "This zip could not be assembled; whoever made the link can make a new one";
const archive = "This zip can not be fetched now; ask again later";

/** What is said instead, of all failures whose own words name buckets, keys and uploads. */
const toldInstead: Partial<Readonly<Record<BallErrorCode, string>>> = {
  "source-not-found": sources,
  "source-archived": sources,
  "source-forbidden": sources,
  "source-changed": sources,
  "source-unreadable": sources,
  "source-corrupt": sources,
  "assembly-failed": assembly,
  "archive-unwritable": archive,
  "archive-unreadable": archive,
  "upload-gone": archive,
};

/**
 * What whoever holds a link is told of a failure: he did not make the ball, and learns nothing of buckets and keys, which
 * the messages about sources and archives name.
 */
export function toldOfLink(error: unknown): unknown {
  if (!(error instanceof BallError)) return error;
  const { code, retryAfterSeconds } = error;
  const message = toldInstead[code];
  if (message === undefined) return error;
  return new BallError(code, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}

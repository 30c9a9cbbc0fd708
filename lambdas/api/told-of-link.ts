import { BallError } from "../ball/errors.ts";

/**
 * What whoever holds a link is told of a failure: he did not make the ball, and learns nothing of buckets and keys, which
 * the messages about sources name.
 */
export function toldOfLink(error: unknown): unknown {
  if (!(error instanceof BallError) || !error.code.startsWith("source-")) return error;
  const message = "The objects this zip is made of can not be read as they were when the link was made";
  return new BallError(error.code, message);
}

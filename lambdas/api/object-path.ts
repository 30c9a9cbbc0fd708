import { BallError } from "../ball/errors.ts";

/** Longest key S3 allows, in bytes of UTF-8. */
const maxKeyBytes = 1024;

/**
 * The key of an API path: `/a` is key `a`, as exactly one leading slash is taken off. `at`: where the path stands.
 * Throws: BallError("invalid-request") for what can be no key.
 */
export function keyOfPath(path: string, at: string): string {
  if (!path.isWellFormed()) throw invalid(at, "the text has half a surrogate pair, which is no character");
  const key = path.startsWith("/") ? path.slice(1) : path;
  if (key === "") throw invalid(at, "an object's path was expected, and this is the root");
  const keyBytes = Buffer.byteLength(key, "utf8");
  if (keyBytes > maxKeyBytes)
    throw invalid(at, `${keyBytes} bytes are too many: a path has at most ${maxKeyBytes}`);
  return key;
}

/**
 * The prefix of a folder's API path, with a slash at its end.
 * Throws: BallError("invalid-request") for the root and for what can be no prefix.
 */
export function prefixOfFolder(folder: string, at: string): string {
  if (folder === "/" || folder === "")
    throw invalid(at, "the root folder can not be downloaded; name a folder in it");
  const prefix = keyOfPath(folder, at);
  return prefix.endsWith("/") ? prefix : `${prefix}/`;
}

function invalid(at: string, problem: string): BallError {
  return new BallError("invalid-request", problem, { at });
}

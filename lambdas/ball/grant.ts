import { BallError } from "./errors.ts";
import { quotedPath } from "./quoted-path.ts";

/** What the bearer of a token may do. */
export interface Grant {
  /** Tells one token from another where requests are counted; nobody can make the token of it. */
  readonly tokenId: string;
  /** The one bucket the token names; every API path is a key in it. */
  readonly bucket: string;
  /** An object may be read when its key begins with one of these; [""] allows the whole bucket. */
  readonly prefixes: readonly string[];
  /** Requests the token may make in one minute. */
  readonly requestsPerMinute: number;
}

/** Tokens, found by their digest alone: nobody who reads what is stored learns a token. */
export interface TokenStore {
  /** The grant of a bearer token; undefined for a token that is not known, or no longer valid at `now`. */
  findGrant(token: string, now: Date): Promise<Grant | undefined>;
}

/**
 * Whether a grant covers a key, or a folder's prefix with everything in it. Both are compared as the bytes S3 knows
 * keys by: letters that only look the same, `..` and double slashes have no meaning of their own.
 */
export function isGranted(grant: Grant, keyOrPrefix: string): boolean {
  const bytes = Buffer.from(keyOrPrefix, "utf8");
  return grant.prefixes.some((prefix) => {
    const allowed = Buffer.from(prefix, "utf8");
    return bytes.subarray(0, allowed.length).equals(allowed);
  });
}

/**
 * Lets through what the grant covers. To be asked with the very key that is read next, or the prefix that is listed.
 * `at`: where the request names it. Throws: BallError("forbidden").
 */
export function requireGranted(grant: Grant, keyOrPrefix: string, at: string): void {
  if (isGranted(grant, keyOrPrefix)) return;
  throw new BallError(
    "forbidden",
    `This token may not read ${quotedPath(keyOrPrefix)}; ask for a token whose prefixes cover it`,
    { at },
  );
}

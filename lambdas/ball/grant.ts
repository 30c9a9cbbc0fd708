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

/** What the bearer of a token may do. */
export interface Grant {
  /** The one bucket the token names; every API path is a key in it. */
  readonly bucket: string;
}

/** Tokens, found by their digest alone: nobody who reads what is stored learns a token. */
export interface TokenStore {
  /** The grant of a bearer token; undefined for a token that is not known, or no longer valid at `now`. */
  findGrant(token: string, now: Date): Promise<Grant | undefined>;
}

/** An error as a dialect answers it. */
export interface Problem {
  readonly status: number;
  readonly body: string;
}

/** How one wire language of the API tells that something failed. */
export interface Dialect {
  /** To the caller who asked with a token. What is no BallError is told to nobody outside. */
  encodeProblem(error: unknown, requestId: string): Problem;
  /** To whoever holds a link: he did not make the ball, and is told nothing of buckets and keys. */
  encodeLinkProblem(error: unknown, requestId: string): Problem;
}

/** How a read goes on behind a failure. */
export interface RetryLimits {
  /** Attempts in a row that bring next to nothing. */
  readonly attempts: number;
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
}

/** As many bytes of one attempt make it worth going on as if nothing had failed before. */
const progressBytes = 64 * 1024;

/** The attempts that one read has left. */
export class RetryBudget {
  readonly #limits: RetryLimits;
  #failures = 0;

  constructor(limits: RetryLimits) {
    this.#limits = limits;
  }

  /**
   * The pause before the next attempt, behind one that brought `receivedBytes` and failed; undefined when it was the last.
   * The longer it fails the longer they get, at random, so that those who failed together do not come together again
   * (AWS Builders' Library, "Timeouts, retries, and backoff with jitter"). Never shorter than S3 asks for.
   */
  pauseMsAfter(receivedBytes: number, askedForMs = 0): number | undefined {
    this.#failures = receivedBytes >= progressBytes ? 1 : this.#failures + 1;
    const { attempts, firstPauseMs, maxPauseMs } = this.#limits;
    if (this.#failures >= attempts) return undefined;
    const longest = Math.min(maxPauseMs, firstPauseMs * 2 ** (this.#failures - 1));
    return Math.max(Math.random() * longest, Math.min(askedForMs, maxPauseMs));
  }
}

/** How a read goes on behind a failure. */
export interface RetryLimits {
  /** Attempts in a row that bring next to nothing. */
  readonly attempts: number;
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
}

/** As many bytes of one attempt make it worth going on as if nothing had failed before. */
const progressBytes = 64 * 1024;

/** A server that is asked for too much needs longer than a connection that broke. */
const throttledFactor = 5;

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
   * (AWS Builders' Library, "Timeouts, retries, and backoff with jitter"); behind what S3 asks for, up to the longest, and
   * longer where it is asked for too much.
   */
  pauseMsAfter(receivedBytes: number, { askedForMs = 0, isThrottled = false } = {}): number | undefined {
    this.progressed(receivedBytes);
    this.#failures += 1;
    const { attempts, firstPauseMs, maxPauseMs } = this.#limits;
    if (this.#failures >= attempts) return undefined;
    const firstMs = isThrottled ? firstPauseMs * throttledFactor : firstPauseMs;
    const longest = Math.min(maxPauseMs, firstMs * 2 ** (this.#failures - 1));
    return Math.min(askedForMs, maxPauseMs) + Math.random() * longest;
  }

  /** An attempt brought so many bytes: what failed before it was not in a row with what fails behind it. */
  progressed(receivedBytes: number): void {
    if (receivedBytes >= progressBytes) this.#failures = 0;
  }
}

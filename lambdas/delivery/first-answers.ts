/** The share of answers behind which those that are missing are stragglers. */
const nearly = 0.75;
const allPatienceMs = 2_000;

/** Counts which of the reads under way are answered, for who waits for them. */
export class FirstAnswers {
  #open = 0;
  #answered = 0;
  /** Resolves with the next answer, for whoever waits by then. */
  #next: PromiseWithResolvers<void> | undefined;

  /** Counts an answer that is to come; a failure that another read takes the place of counts for nothing. */
  expect(answer: Promise<void>, isReplaced: (error: unknown) => boolean): void {
    this.#open += 1;
    const decided = (counts: boolean) => {
      this.#open -= 1;
      if (counts) this.#answered += 1;
      this.#next?.resolve();
      this.#next = undefined;
    };
    answer.then(
      () => decided(true),
      (error: unknown) => decided(!isReplaced(error)),
    );
  }

  /**
   * Waits for so many answers, or for all there are; once three quarters have come, no longer for the rest than those took:
   * S3 answers one in some tens late, and the first byte does not have to wait for it. `onlyRestIsMissing` is called when
   * the wait for the rest begins.
   */
  async untilNearly(count: number, onlyRestIsMissing: () => void = () => undefined): Promise<void> {
    const beganAtMs = performance.now();
    await this.#until(() => this.#answered >= Math.ceil(count * nearly));
    if (this.#answered >= count) return;
    onlyRestIsMissing();
    await this.#untilOrFor(() => this.#answered >= count, performance.now() - beganAtMs);
  }

  /** Waits until none is open, but not for long: what nobody hears of for seconds is known to nobody. */
  async untilAll(): Promise<void> {
    await this.#untilOrFor(() => false, allPatienceMs);
  }

  async #untilOrFor(isEnough: () => boolean, patienceMs: number): Promise<void> {
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, patienceMs);
    await Promise.race([this.#until(isEnough), patience.promise]);
    clearTimeout(timer);
  }

  async #until(isEnough: () => boolean): Promise<void> {
    while (this.#open > 0 && !isEnough()) {
      this.#next ??= Promise.withResolvers();
      await this.#next.promise;
    }
  }
}

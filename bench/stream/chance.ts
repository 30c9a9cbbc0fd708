/** The same numbers in every run. Source: xorshift32. */
export class Chance {
  #state = 2_463_534_242;

  /** A whole number of `least` to `most`, both included. */
  between(least: number, most: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return least + (this.#state % (most - least + 1));
  }
}

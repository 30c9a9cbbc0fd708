import type { KnownContent, KnownContents } from "./known-contents.ts";

export interface KeeperInput {
  readonly contents: KnownContents;
  readonly bucket: string;
  /** Ends the keeping: what is not kept by then is learned again. */
  readonly signal: AbortSignal;
}

/**
 * Keeps what is learned as soon as it is, beside the learning: while some is on its way, what is learned in the meantime
 * waits, and goes all at once. Not worth failing for: what can not be kept is learned again.
 */
export class ContentsKeeper {
  readonly #input: KeeperInput;
  #waiting: KnownContent[] = [];
  #keeping: Promise<void> | undefined;

  constructor(input: KeeperInput) {
    this.#input = input;
  }

  keep(content: KnownContent): void {
    this.#waiting.push(content);
    this.#keeping ??= this.#keepWaiting();
  }

  /** Resolves when nothing is on its way any more. */
  async done(): Promise<void> {
    await this.#keeping;
  }

  async #keepWaiting(): Promise<void> {
    const { contents, bucket, signal } = this.#input;
    while (this.#waiting.length > 0) {
      const learned = this.#waiting;
      this.#waiting = [];
      await contents.keep(bucket, learned, signal).catch(() => undefined);
    }
    this.#keeping = undefined;
  }
}

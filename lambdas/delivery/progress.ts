import type { Ball, BallStore } from "../ball/ball.ts";
import { ReaderStopped } from "../ball/errors.ts";
import type { ByteRange } from "../layout/byte-range.ts";

/** How often progress is kept at most, in milliseconds. */
export const progressIntervalMs = 1000;

/** The answer whose progress is kept, and where. */
export interface ProgressInput {
  readonly store: BallStore;
  readonly ball: Ball;
  readonly requestId: string;
  /** The bytes of the archive that are answered, half-open. */
  readonly range: ByteRange;
  /** Aborted when the reader is gone. */
  readonly signal: AbortSignal;
}

/**
 * Keeps how far one answer has come: while it changes, once a second, by a clock of its own, so that no byte waits for
 * it. One write at a time, or an earlier one could arrive last. A write that fails is none of the download's failures.
 */
export class Progress {
  /** What broke the answer off, in words. */
  failure: string | undefined;
  readonly #input: ProgressInput;
  readonly #timer: NodeJS.Timeout;
  /** Offset in the archive behind the last byte that went out. */
  #position: number;
  #kept: { readonly position: number; readonly failure: string | undefined };
  /** The write that was begun last, or waits for the one before it. */
  #last: Promise<void> = Promise.resolve();
  #isWriting = false;

  constructor(input: ProgressInput) {
    this.#input = input;
    this.#position = input.range.start;
    this.#kept = { position: this.#position, failure: undefined };
    this.#timer = setInterval(() => {
      if (!this.#isWriting) void this.#keep(this.#position);
    }, progressIntervalMs).unref();
  }

  /**
   * The same chunks, which are the range: one has gone out when the next is asked for. Ahead of the last one it is kept
   * that all went out: whoever has the last byte may ask at once.
   */
  async *follow(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const { end } = this.#input.range;
    for await (const chunk of chunks) {
      if (this.#position + chunk.length === end) {
        clearInterval(this.#timer);
        await this.#keep(end);
      }
      yield chunk;
      this.#position += chunk.length;
    }
  }

  /** Keeps what is true in the end: less, when the last chunk did not go out, and that the reader stopped, if he did. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const { reason } = this.#input.signal;
    if (reason instanceof ReaderStopped) this.failure = reason.message;
    await this.#keep(this.#position);
  }

  #keep(position: number): Promise<void> {
    this.#last = this.#last.then(() => this.#write(position));
    return this.#last;
  }

  async #write(position: number): Promise<void> {
    const { failure } = this;
    if (position === this.#kept.position && failure === this.#kept.failure) return;
    const { store, ball, requestId, range } = this.#input;
    const sent = { requestId, planNumber: ball.planNumber, start: range.start, end: position };
    this.#isWriting = true;
    try {
      await store.keepSentRange(ball, { ...sent, updatedAtEpochMs: Date.now(), failure });
      this.#kept = { position, failure };
    } catch {
      // The next write says all that this one would have.
    } finally {
      this.#isWriting = false;
    }
  }
}

import type { Writable } from "node:stream";
import { ReaderStopped } from "../ball/errors.ts";

/**
 * Who reads one streamed response, as far as its function can tell: he takes what is written, leaves, or stops taking.
 *
 * He has stopped when one write has not been taken for so many seconds. Between two writes it is he who waits, for us
 * or for S3, and no time counts. A write is taken when the systems between us and him have room for it, which they
 * have again when some of what they hold has been read: 3 to 10 MB where a connection's buffers may grow as Linux lets
 * them. Who reads less than that in the time counts as stopped, as with other servers (nginx's send_timeout).
 */
export class Reader {
  #stream: Writable;
  readonly #gone = new AbortController();
  /** Set forward by every write and left alone at its end: that is all that a write costs. */
  readonly #timer: NodeJS.Timeout;
  /** Ends the wait for the write under way. */
  #giveUp: ((reason: unknown) => void) | undefined;

  constructor(stream: Writable, idleSeconds: number) {
    this.#stream = stream;
    this.#timer = setTimeout(() => {
      if (this.#giveUp !== undefined) this.#isGone(new ReaderStopped(idleSeconds));
    }, idleSeconds * 1000);
    stream.once("close", () => this.#isGone());
  }

  /** Aborted when he has left, where the host tells (AWS does not), and when he has stopped, with a ReaderStopped. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Announces status and headers, which go out with the first chunk. */
  begin(statusCode: number, headers: Readonly<Record<string, string>>): void {
    this.#stream = awslambda.HttpResponseStream.from(this.#stream, { statusCode, headers });
  }

  /** Resolves when the chunk has left this process. Rejects when he is gone, with the signal's reason if he stopped. */
  take(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      this.#timer.refresh();
      this.#stream.write(chunk, (error) => {
        this.#giveUp = undefined;
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** That was all of the answer. */
  end(): void {
    this.#stream.end();
  }

  /** Waits for him no longer. */
  release(): void {
    clearTimeout(this.#timer);
  }

  #isGone(reason?: unknown): void {
    this.#gone.abort(reason);
    this.#giveUp?.(this.#gone.signal.reason);
  }
}

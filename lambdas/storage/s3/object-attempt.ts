import type { Dispatcher } from "undici";

/** The headers of an answer, by their names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** An answer that has no bytes of an object. */
export interface Refusal {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** When its attempt began, before it was signed, by the clock of `performance`. */
  readonly begunAtMs: number;
  /** Its beginning: S3 says in XML what is wrong. */
  readonly body: Buffer;
}

/** An answer whose bytes are to come. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** From when the request left. */
  readonly firstByteMs: number;
}

/** What ended an attempt: all of the body came, S3 refused, or it failed. */
export type Outcome = "complete" | { readonly refusal: Refusal } | { readonly error: unknown };

/** What one attempt at a read comes to. */
export interface AttemptEvents {
  /** A body begins. What this throws ends the attempt. */
  answered(answer: Answer): void;
  received(chunk: Buffer): void;
  /** Nothing comes any more. Told once, unless the attempt was cancelled. */
  ended(outcome: Outcome): void;
}

/** Most of a refusal's body that is read. */
const maxRefusalBytes = 16 * 1024;

/** One GET, from when it is to leave to its end. */
export class ObjectAttempt implements Dispatcher.DispatchHandler {
  readonly #events: AttemptEvents;
  readonly #begunAtMs = performance.now();
  #controller: Dispatcher.DispatchController | undefined;
  #sentAtMs = 0;
  #refused: Omit<Refusal, "body"> | undefined;
  #refusalBody: Buffer[] = [];
  #refusalBytes = 0;
  #isOver = false;

  constructor(events: AttemptEvents) {
    this.#events = events;
  }

  /** No more is read from its socket for now. */
  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  /** Ends it without a word, its socket with it. */
  cancel(): void {
    this.#isOver = true;
    this.#abort();
  }

  /** Ends it with a failure that is not the connection's. */
  fail(error: unknown): void {
    this.#end({ error });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Throwing takes a request back that waited for a socket; aborting it would cost the socket.
    if (this.#isOver) throw new Error("Nobody waits for this answer any more");
    this.#controller = controller;
    this.#sentAtMs = performance.now();
  }

  onResponseStart(_controller: unknown, status: number, headers: AnswerHeaders): void {
    // Of an answer such as 103, the final one is still to come.
    if (status < 200) return;
    if (status !== 200 && status !== 206) {
      this.#refused = { status, headers, begunAtMs: this.#begunAtMs };
      return;
    }
    try {
      this.#events.answered({ status, headers, firstByteMs: performance.now() - this.#sentAtMs });
    } catch (error) {
      this.#end({ error });
      this.#abort();
    }
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (this.#isOver) return;
    if (this.#refused === undefined) {
      this.#events.received(chunk);
      return;
    }
    this.#refusalBody.push(chunk);
    this.#refusalBytes += chunk.length;
    // More than S3 has to say; it might never end.
    if (this.#refusalBytes > maxRefusalBytes) this.#abort();
  }

  onResponseEnd(): void {
    this.#end(this.#refusal() ?? "complete");
  }

  /** Also of a refusal whose body broke off: its status says enough. */
  onResponseError(_controller: unknown, error: Error): void {
    this.#end(this.#refusal() ?? { error });
  }

  #refusal(): { refusal: Refusal } | undefined {
    if (this.#refused === undefined) return undefined;
    const body = Buffer.concat(this.#refusalBody).subarray(0, maxRefusalBytes);
    return { refusal: { ...this.#refused, body } };
  }

  #end(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.ended(outcome);
  }

  #abort(): void {
    this.#controller?.abort(new Error("The rest of this answer is not wanted"));
  }
}

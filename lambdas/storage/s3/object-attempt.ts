import type { Dispatcher } from "undici";

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler["onResponseStart"]>>[2];

/** An answer that has no bytes of an object. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  /** Its beginning: S3 says in XML what is wrong. */
  readonly body: Buffer;
}

/** What one attempt at a read comes to. */
export interface AttemptEvents {
  /** The request leaves. */
  sent(controller: Dispatcher.DispatchController): void;
  /** A body begins, so many milliseconds after the request left. What this throws ends the attempt. */
  answered(answer: { status: number; headers: Headers; firstByteMs: number }): void;
  received(chunk: Buffer): void;
  /** All of the body came, or S3 refused, or the attempt failed: nothing comes any more. */
  ended(outcome: "complete" | { refusal: Refusal } | { error: unknown }): void;
}

/** Most of a refusal's body that is kept. */
const maxRefusalBytes = 16 * 1024;

/** One GET, from when it leaves to its end, which is told once. */
export class ObjectAttempt implements Dispatcher.DispatchHandler {
  readonly #events: AttemptEvents;
  #sentAtMs = 0;
  #refused: { readonly status: number; readonly headers: Headers } | undefined;
  #refusalBody: Buffer[] = [];
  #refusalBytes = 0;
  #isOver = false;

  constructor(events: AttemptEvents) {
    this.#events = events;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#sentAtMs = performance.now();
    this.#events.sent(controller);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // Of an answer such as 103, the final one is still to come.
    if (status < 200) return;
    if (status !== 200 && status !== 206) {
      this.#refused = { status, headers };
      return;
    }
    try {
      this.#events.answered({ status, headers, firstByteMs: performance.now() - this.#sentAtMs });
    } catch (error) {
      this.fail(error);
      controller.abort(new Error("The answer is not to what was asked"));
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return;
    if (this.#refused === undefined) this.#events.received(chunk);
    else if (this.#refusalBytes < maxRefusalBytes) {
      this.#refusalBody.push(chunk);
      this.#refusalBytes += chunk.length;
    }
  }

  onResponseEnd(): void {
    this.#end(this.#refused === undefined ? "complete" : { refusal: this.#refusal(this.#refused) });
  }

  /** Also of a refusal whose body broke off: its status says enough. */
  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(this.#refused === undefined ? { error } : { refusal: this.#refusal(this.#refused) });
  }

  /** Ends the attempt with a failure that is not the connection's. */
  fail(error: unknown): void {
    this.#end({ error });
  }

  #refusal(refused: { status: number; headers: Headers }): Refusal {
    return { ...refused, body: Buffer.concat(this.#refusalBody).subarray(0, maxRefusalBytes) };
  }

  #end(outcome: Parameters<AttemptEvents["ended"]>[0]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.ended(outcome);
  }
}

import type { Dispatcher } from "undici";
import { type PinnedSource, readBufferBytes, type SourceRange, type SourceRead } from "../../ball/source.ts";
import { failureOf, isGone, quoted, sourceChanged } from "./failures.ts";
import { exceptionOf, isWhole, requireAnswerTo } from "./object-answer.ts";
import { type AttemptEvents, ObjectAttempt } from "./object-attempt.ts";
import type { ObjectClient } from "./object-client.ts";
import { pinnedGet } from "./pinned-request.ts";
import { remedyOfError, remedyOfRefusal } from "./remedies.ts";
import { RetryBudget, type RetryLimits } from "./retry-budget.ts";

export interface ObjectReadInput {
  readonly client: ObjectClient;
  readonly retry: RetryLimits;
  readonly source: PinnedSource;
  /** In bytes of the object, half-open, not empty. */
  readonly range: SourceRange;
  readonly signal: AbortSignal | undefined;
}

type Outcome = Exclude<Parameters<AttemptEvents["ended"]>[0], "complete">;

/**
 * One read of a pinned object, attempt after attempt: each begins at the byte at which the one before broke off, and is
 * held to the same pin, so that no two objects are spliced and no byte comes twice.
 */
export class ObjectRead implements SourceRead {
  readonly #input: ObjectReadInput;
  readonly #budget: RetryBudget;
  readonly #answered = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  /** Offset in the object behind the last byte that came. */
  #position: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #takenBytes = 0;
  #failure: { readonly error: unknown } | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #pause: NodeJS.Timeout | undefined;
  #wake: () => void = () => undefined;

  constructor(input: ObjectReadInput) {
    this.#input = input;
    this.#budget = new RetryBudget(input.retry);
    this.#position = input.range.start;
    // Whoever takes the bytes is told of a failure; nobody need ask for these.
    this.#answered.promise.catch(() => undefined);
    this.#ended.promise.catch(() => undefined);
    const { signal } = input;
    if (signal?.aborted === true) this.#fail(signal.reason);
    else {
      signal?.addEventListener("abort", this.#leave);
      this.#attempt();
    }
  }

  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get isReady(): boolean {
    return this.#waiting.length > 0 || this.#failure !== undefined || this.#isComplete;
  }

  async take(): Promise<readonly Uint8Array[] | undefined> {
    this.#takenBytes = 0;
    if (this.#waitingBytes < readBufferBytes) this.#controller?.resume();
    while (this.#waiting.length === 0) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#isComplete) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const chunks = this.#waiting;
    this.#takenBytes = this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return chunks;
  }

  get #isComplete(): boolean {
    return this.#position === this.#input.range.end;
  }

  #attempt(): void {
    const { client, source } = this.#input;
    const range = { start: this.#position, end: this.#input.range.end };
    const attempt = new ObjectAttempt({
      sent: (controller) => {
        this.#controller = controller;
        if (this.#failure !== undefined) controller.abort(abandoned());
      },
      answered: (answer) => {
        client.noteFirstByte(source.bucket, answer.firstByteMs);
        requireAnswerTo({ source, range }, answer);
        this.#answered.resolve();
      },
      received: (chunk) => this.#receive(chunk),
      ended: (outcome) => {
        this.#controller = undefined;
        if (this.#failure !== undefined) return;
        if (outcome === "complete" && this.#isComplete) this.#end();
        else
          void this.#goOn(
            outcome === "complete" ? { error: brokenOff() } : outcome,
            this.#position - range.start,
          );
      },
    });
    client
      .get(pinnedGet(source, isWhole(source, range) ? undefined : range), attempt)
      .catch((error: unknown) => attempt.fail(error));
  }

  #receive(chunk: Uint8Array): void {
    this.#position += chunk.length;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes + this.#takenBytes >= readBufferBytes) this.#controller?.pause();
    this.#wake();
  }

  /** Begins the next attempt, if there is a remedy for the failure of the last one. */
  async #goOn(outcome: Outcome, receivedBytes: number): Promise<void> {
    const remedy = "refusal" in outcome ? remedyOfRefusal(outcome.refusal) : remedyOfError(outcome.error);
    const pauseMs = remedy && this.#budget.pauseMsAfter(receivedBytes, remedy.pauseMs);
    if (remedy === undefined || pauseMs === undefined) return this.#fail(this.#failureOf(outcome));
    try {
      await remedy.apply(this.#input.client);
    } catch (error) {
      return this.#fail(error);
    }
    if (this.#failure === undefined) this.#pause = setTimeout(() => this.#attempt(), pauseMs);
  }

  #failureOf(outcome: Outcome): unknown {
    const { source } = this.#input;
    const error = "refusal" in outcome ? exceptionOf(outcome.refusal) : outcome.error;
    return isGone(error)
      ? sourceChanged(source, error)
      : failureOf(error, `read ${quoted(source.key)}`, source.bucket);
  }

  readonly #leave = () => {
    this.#fail(this.#input.signal?.reason);
    this.#controller?.abort(abandoned());
  };

  #fail(error: unknown): void {
    this.#failure = { error };
    clearTimeout(this.#pause);
    this.#answered.reject(error);
    this.#ended.reject(error);
    this.#end();
  }

  #end(): void {
    this.#input.signal?.removeEventListener("abort", this.#leave);
    this.#ended.resolve();
    this.#wake();
  }
}

/** Tells the connection's end that nobody waits for the rest. */
const abandoned = () => new Error("This read is over");

const brokenOff = () => Object.assign(new Error("A body broke off"), { code: "ERR_BODY_BROKE_OFF" });

import type { PinnedSource, SourceRange, SourceRead } from "../../ball/source.ts";
import type { BufferCollector } from "./collect-buffers.ts";
import { failureOf, isGone, quoted, sourceChanged } from "./failures.ts";
import { exceptionOf, isWhole, requireAnswerTo } from "./object-answer.ts";
import { ObjectAttempt, type Outcome } from "./object-attempt.ts";
import type { ObjectClient } from "./object-client.ts";
import { offAbort, onAbort } from "./on-abort.ts";
import { pinnedGet } from "./pinned-request.ts";
import { ReadBuffer } from "./read-buffer.ts";
import { remedyOfError, remedyOfRefusal } from "./remedies.ts";
import { RetryBudget, type RetryLimits } from "./retry-budget.ts";

/** What is read, and how. */
export interface ObjectReadInput {
  readonly client: ObjectClient;
  readonly retry: RetryLimits;
  /** How long a connection may rest while there is no room. */
  readonly restMs: number;
  readonly buffers: BufferCollector;
  readonly source: PinnedSource;
  /** In bytes of the object, half-open, not empty. */
  readonly range: SourceRange;
  readonly signal: AbortSignal | undefined;
}

type Failure = Exclude<Outcome, "complete">;

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
  /** Where the last attempt began. */
  #begunAt = 0;
  readonly #buffer = new ReadBuffer();
  #arrival: PromiseWithResolvers<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #attempt: ObjectAttempt | undefined;
  /** Of the pause before the next attempt, or until a connection that rests is given back. */
  #timer: NodeJS.Timeout | undefined;
  /** What waits for room for more bytes. */
  #putOff: (() => void) | undefined;

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
      if (signal !== undefined) onAbort(signal, this.#leave);
      this.#begin();
    }
  }

  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get isReady(): boolean {
    return !this.#buffer.isEmpty || this.#failure !== undefined || this.#isComplete;
  }

  async take(): Promise<readonly Uint8Array[] | undefined> {
    this.#letGo();
    while (!this.isReady) {
      this.#arrival ??= Promise.withResolvers();
      await this.#arrival.promise;
    }
    return this.takeNow();
  }

  takeNow(): readonly Uint8Array[] | undefined {
    this.#letGo();
    if (!this.#buffer.isEmpty) return this.#buffer.take();
    if (this.#failure !== undefined) throw this.#failure.error;
    return undefined;
  }

  /** What was taken is done with: there is room for more. */
  #letGo(): void {
    this.#buffer.letGo();
    if (!this.#buffer.isFull) this.#takeUp();
  }

  get #isComplete(): boolean {
    return this.#position === this.#input.range.end;
  }

  /** What the last attempt brought. */
  get #receivedBytes(): number {
    return this.#position - this.#begunAt;
  }

  /** Asks for what is missing. */
  #begin(): void {
    const { client, source } = this.#input;
    const range = { start: this.#position, end: this.#input.range.end };
    this.#begunAt = range.start;
    const attempt = new ObjectAttempt({
      answered: (answer) => {
        requireAnswerTo({ source, range }, answer);
        client.noteFirstByte(source.bucket, answer.firstByteMs);
        this.#answered.resolve();
      },
      received: (chunk) => this.#receive(chunk),
      ended: (outcome) => this.#attemptEnded(outcome),
    });
    this.#attempt = attempt;
    client
      .get(pinnedGet(source, isWhole(source, range) ? undefined : range), attempt)
      .catch((error: unknown) => attempt.fail(error));
  }

  #receive(chunk: Uint8Array): void {
    this.#position += chunk.length;
    this.#buffer.add(chunk);
    this.#input.buffers.count(chunk.length);
    // Behind the last byte there is nothing to hold back, and its connection is free at once.
    if (this.#buffer.isFull && !this.#isComplete && this.#putOff === undefined) this.#rest();
    this.#wake();
  }

  /** Pauses until there is room, and gives the connection back when that takes long: it is others' too, and S3 ends it. */
  #rest(): void {
    this.#attempt?.pause();
    this.#putOff = () => this.#attempt?.resume();
    this.#timer = setTimeout(() => {
      this.#budget.progressed(this.#receivedBytes);
      this.#attempt?.cancel();
      this.#attempt = undefined;
      this.#putOff = () => this.#begin();
    }, this.#input.restMs).unref();
  }

  #attemptEnded(outcome: Outcome): void {
    clearTimeout(this.#timer);
    this.#attempt = undefined;
    this.#putOff = undefined;
    if (this.#isComplete) {
      this.#end();
      onceSocketIsFree(() => this.#ended.resolve());
    } else void this.#goOnAfter(outcome === "complete" ? { error: brokenOff() } : outcome);
  }

  /** Begins the next attempt, if there is a remedy for the failure of the last one. */
  async #goOnAfter(failure: Failure): Promise<void> {
    const remedy = "refusal" in failure ? remedyOfRefusal(failure.refusal) : remedyOfError(failure.error);
    const pauseMs = remedy && this.#budget.pauseMsAfter(this.#receivedBytes, remedy);
    if (remedy === undefined || pauseMs === undefined) return this.#fail(this.#failureOf(failure));
    try {
      await remedy.apply(this.#input.client);
    } catch (error) {
      return this.#fail(error);
    }
    if (this.#failure !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#putOff = () => this.#begin();
      if (!this.#buffer.isFull) this.#takeUp();
    }, pauseMs);
  }

  #takeUp(): void {
    if (this.#putOff === undefined) return;
    clearTimeout(this.#timer);
    const putOff = this.#putOff;
    this.#putOff = undefined;
    putOff();
  }

  #failureOf(failure: Failure): unknown {
    const { source } = this.#input;
    const error = "refusal" in failure ? exceptionOf(failure.refusal) : failure.error;
    return isGone(error)
      ? sourceChanged(source, error)
      : failureOf(error, `read ${quoted(source.key)}`, source.bucket);
  }

  readonly #leave = () => {
    this.#attempt?.cancel();
    this.#fail(this.#input.signal?.reason);
  };

  #fail(error: unknown): void {
    // The first failure is the one to tell: a reader who left does not hear of what his leaving broke.
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#putOff = undefined;
    clearTimeout(this.#timer);
    this.#answered.reject(error);
    this.#ended.reject(error);
    this.#end();
  }

  #end(): void {
    if (this.#input.signal !== undefined) offAbort(this.#input.signal, this.#leave);
    this.#wake();
  }

  #wake(): void {
    this.#arrival?.resolve();
    this.#arrival = undefined;
  }
}

/**
 * undici lends a socket anew one turn of the event loop behind its answer, by an immediate that is set when this one's
 * callers are done. Who asks sooner has another socket opened: twice as many as are used would be open.
 */
function onceSocketIsFree(tell: () => void): void {
  queueMicrotask(() => setImmediate(tell));
}

const brokenOff = () => Object.assign(new Error("A body broke off"), { code: "ERR_BODY_BROKE_OFF" });

import fc from "fast-check";
import type { Begun } from "../../lambdas/delivery/read-ahead.ts";

/** Most bytes that one thing holds. */
const bufferBytes = 8;
const passing = new Error("it may pass");
export const gone = new Error("it is gone");

export interface Plan {
  readonly chunksBytes: readonly number[];
  readonly usesConnection: boolean;
  /** In place of which chunk it fails, if it does; -1: instead of an answer. */
  readonly failure: { readonly at: number; readonly error: Error } | undefined;
}

const connecting = fc.record({
  chunksBytes: fc.array(fc.integer({ min: 1, max: bufferBytes }), { minLength: 1, maxLength: 6 }),
  usesConnection: fc.constant(true),
  failure: fc.option(
    fc.record({ at: fc.integer({ min: -1, max: 5 }), error: fc.constantFrom(passing, gone) }),
    {
      nil: undefined,
      freq: 12,
    },
  ),
});
/** Made in memory, at once or later; it may be more than the window. */
const made = fc.record({
  chunksBytes: fc.tuple(fc.integer({ min: 1, max: 40 })),
  usesConnection: fc.constant(false),
  failure: fc.constant(undefined),
});
export const plans = fc.array(
  fc.oneof({ weight: 3, arbitrary: connecting }, { weight: 1, arbitrary: made }),
  {
    maxLength: 25,
  },
);

export const lengthOf = ({ chunksBytes }: Plan) => chunksBytes.reduce((sum, bytes) => sum + bytes, 0);
export const reservedOf = (plan: Plan) =>
  plan.usesConnection ? Math.min(lengthOf(plan), bufferBytes) : lengthOf(plan);

/** A thing whose answer and chunks come when the scheduler says so, as long as it has room to hold them. */
export class Source implements Begun {
  readonly answered: Promise<void>;
  readonly ended: Promise<void>;
  heldBytes = 0;
  isOpen: boolean;
  isRemoved = false;
  /** What it failed with lets others take its place. */
  isReplaced = false;
  readonly #plan: Plan;
  readonly #scheduler: fc.Scheduler;
  #waiting: Uint8Array[] = [];
  #isOver = false;
  #failure: Error | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(plan: Plan, scheduler: fc.Scheduler) {
    this.#plan = plan;
    this.#scheduler = scheduler;
    this.isOpen = plan.usesConnection;
    const answered = this.#event("answers", -1);
    this.answered = answered;
    this.ended = this.#run(answered);
    this.answered.catch(() => undefined);
    this.ended.catch(() => undefined);
  }

  get isReady(): boolean {
    return this.#waiting.length > 0 || this.#isOver;
  }

  async take(): Promise<readonly Uint8Array[] | undefined> {
    while (!this.isReady) await this.#changed.promise;
    return this.takeNow();
  }

  takeNow(): readonly Uint8Array[] | undefined {
    if (this.#waiting.length === 0 && this.#failure !== undefined) throw this.#failure;
    if (this.#waiting.length === 0) return undefined;
    const chunks = this.#waiting;
    this.#waiting = [];
    return chunks;
  }

  /** So many of the bytes taken are done with. */
  written(bytes: number): void {
    this.heldBytes -= bytes;
    this.#change();
  }

  remove(): void {
    this.isRemoved = true;
  }

  async #run(answered: Promise<void>): Promise<void> {
    try {
      await answered;
      for (const [at, bytes] of this.#plan.chunksBytes.entries()) {
        await this.#event("chunk", at);
        while (this.heldBytes + bytes > bufferBytes && this.#plan.usesConnection) await this.#changed.promise;
        this.heldBytes += bytes;
        this.#waiting.push(new Uint8Array(bytes).fill(at));
        this.#change();
      }
      this.#isOver = true;
      this.#change();
      // The connection is free a little later than all bytes are there.
      await this.#scheduler.schedule(Promise.resolve(), "free");
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.isReplaced = error === gone;
      throw error;
    } finally {
      this.isOpen = false;
      this.#isOver = true;
      this.#change();
    }
  }

  async #event(label: string, at: number): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), label);
    const { failure } = this.#plan;
    if (failure?.at === at) throw failure.error;
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

import { readBufferBytes, type SourceRead } from "../../lambdas/ball/source.ts";

export interface MemoryReadInput {
  /** What S3 does before it answers: gives the bytes asked for, or refuses them. */
  readonly answer: () => Promise<Uint8Array>;
  /** The body comes in chunks of so many bytes; the last may be shorter. */
  readonly chunkBytes: number;
  /** Runs ahead of the chunk at `offset` in what was asked for; may wait, or throw in S3's stead. */
  readonly beforeChunk: (offset: number) => Promise<void> | void;
  readonly signal: AbortSignal | undefined;
  /** Told how many bytes more, or fewer, the read holds. */
  readonly holds: (bytes: number) => void;
}

/** A read of bytes in memory that keeps to what SourceRead promises: it pauses, and an abort ends it at once. */
export class MemoryRead implements SourceRead {
  readonly #input: MemoryReadInput;
  readonly #answered = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #abort = () => this.#fail(this.#input.signal?.reason);
  #state: "open" | "complete" | { readonly error: unknown } = "open";
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #takenBytes = 0;
  /** Something came, was taken, or failed. */
  #changed = Promise.withResolvers<void>();

  constructor(input: MemoryReadInput) {
    this.#input = input;
    this.#answered.promise.catch(() => undefined);
    this.#ended.promise.catch(() => undefined);
    const { signal } = input;
    signal?.addEventListener("abort", this.#abort);
    if (signal?.aborted === true) this.#abort();
    else this.#run().catch((error: unknown) => this.#fail(error));
  }

  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get isReady(): boolean {
    return this.#waiting.length > 0 || this.#state !== "open";
  }

  async take(): Promise<readonly Uint8Array[] | undefined> {
    this.#letGo();
    while (!this.isReady) await this.#changed.promise;
    return this.takeNow();
  }

  takeNow(): readonly Uint8Array[] | undefined {
    this.#letGo();
    const chunks = this.#waiting;
    if (chunks.length === 0) return this.#atTheEnd();
    this.#takenBytes = this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return chunks;
  }

  #letGo(): void {
    this.#input.holds(-this.#takenBytes);
    this.#takenBytes = 0;
    this.#change();
  }

  #atTheEnd(): undefined {
    if (typeof this.#state === "object") throw this.#state.error;
  }

  async #run(): Promise<void> {
    const { answer, beforeChunk, chunkBytes } = this.#input;
    const bytes = await answer();
    this.#answered.resolve();
    for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
      const waiting = beforeChunk(offset);
      if (waiting !== undefined) await waiting;
      const chunk = Uint8Array.from(bytes.subarray(offset, offset + chunkBytes));
      while (this.#state === "open" && !this.#hasRoomFor(chunk)) await this.#changed.promise;
      if (this.#state !== "open") return;
      this.#receive(chunk);
    }
    if (this.#state !== "open") return;
    this.#end("complete");
    this.#ended.resolve();
  }

  #hasRoomFor({ length }: Uint8Array): boolean {
    const heldBytes = this.#waitingBytes + this.#takenBytes;
    return heldBytes === 0 || heldBytes + length <= readBufferBytes;
  }

  #receive(chunk: Uint8Array): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#input.holds(chunk.length);
    this.#change();
  }

  #fail(error: unknown): void {
    if (this.#state !== "open") return;
    this.#end({ error });
    this.#answered.reject(error);
    this.#ended.reject(error);
  }

  #end(state: "complete" | { readonly error: unknown }): void {
    this.#state = state;
    this.#input.signal?.removeEventListener("abort", this.#abort);
    this.#change();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

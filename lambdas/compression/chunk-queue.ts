import { Gather } from "../delivery/gather.ts";

/** So many bytes may wait to be taken. */
const roomBytes = 1024 * 1024;

/** Chunks between who makes them and who takes them, gathered to such as are worth a write. */
export class ChunkQueue {
  readonly #gather = new Gather();
  readonly #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #end: "open" | "ended" | { readonly error: unknown } = "open";
  #changed = Promise.withResolvers<void>();

  /** Whether what is waiting should be taken before more is added. */
  get isFull(): boolean {
    return this.#waitingBytes >= roomBytes;
  }

  add(chunk: Uint8Array): void {
    this.#append(this.#gather.add(chunk));
  }

  end(): void {
    this.#append(this.#gather.flush());
    this.#close("ended");
  }

  /** Nothing is taken any more, and who takes is told why. */
  fail(error: unknown): void {
    this.#close({ error });
  }

  /** Resolves when there is room, or nothing more is taken. */
  async untilRoom(): Promise<void> {
    while (this.isFull && this.#end === "open") await this.#changed.promise;
  }

  /** All chunks, as they come. `hasRoom` is called behind each one that was taken, unless it is still full. */
  async *take(hasRoom: () => void): AsyncGenerator<Uint8Array, void, undefined> {
    while (typeof this.#end !== "object") {
      const chunk = this.#chunks.shift();
      if (chunk === undefined && this.#end === "ended") return;
      if (chunk === undefined) {
        await this.#changed.promise;
        continue;
      }
      yield chunk;
      this.#waitingBytes -= chunk.length;
      if (this.isFull) continue;
      this.#change();
      hasRoom();
    }
    throw this.#end.error;
  }

  #append(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      this.#chunks.push(chunk);
      this.#waitingBytes += chunk.length;
    }
    if (chunks.length > 0) this.#change();
  }

  #close(end: "ended" | { readonly error: unknown }): void {
    if (this.#end === "open") this.#end = end;
    this.#change();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

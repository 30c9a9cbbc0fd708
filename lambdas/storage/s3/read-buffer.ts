import { readBufferBytes } from "../../ball/source.ts";

/** What a read holds: chunks that wait to be taken, and those that were taken last until they are let go. */
export class ReadBuffer {
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #takenBytes = 0;

  /** Whether none waits. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether a read has as much as it may hold. */
  get isFull(): boolean {
    return this.#waitingBytes + this.#takenBytes >= readBufferBytes;
  }

  add(chunk: Uint8Array): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
  }

  /** All that wait. They are held until they are let go. */
  take(): readonly Uint8Array[] {
    const chunks = this.#waiting;
    this.#takenBytes += this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return chunks;
  }

  /** What was taken is done with. */
  letGo(): void {
    this.#takenBytes = 0;
  }
}

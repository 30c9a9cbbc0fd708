/** Chunks of at least this many bytes go out as they are. */
const enoughBytes = 64 * 1024;

/**
 * Makes fewer chunks of the same bytes: small ones are copied together until there is enough for a write to be worth
 * its cost. An archive of small objects is otherwise two writes an object.
 */
export class Gather {
  #small: Uint8Array[] = [];
  #smallBytes = 0;

  /** The chunks that are ready to go out once this one has come. */
  add(chunk: Uint8Array): readonly Uint8Array[] {
    if (chunk.length >= enoughBytes) return [...this.flush(), chunk];
    this.#small.push(chunk);
    this.#smallBytes += chunk.length;
    return this.#smallBytes >= enoughBytes ? this.flush() : none;
  }

  /** What has been gathered, as at most one chunk. */
  flush(): readonly Uint8Array[] {
    if (this.#smallBytes === 0) return none;
    const gathered = this.#small.length === 1 ? this.#small : [Buffer.concat(this.#small, this.#smallBytes)];
    this.#small = [];
    this.#smallBytes = 0;
    return gathered;
  }
}

const none: readonly Uint8Array[] = [];

import { BallError } from "../ball/errors.ts";
import type { Manifest } from "../ball/manifest.ts";
import type { BodyCheck } from "../delivery/body-check.ts";
import type { ReadAhead } from "../delivery/read-ahead.ts";

export interface EntryBodiesInput {
  readonly manifest: Manifest;
  /** The reads of all bodies, in order, each known by its entry. */
  readonly ahead: ReadAhead<number>;
  readonly check: BodyCheck;
  /** Told after every chunk, and behind every body: all bytes so far, and selected files that are complete. */
  readonly onProgress: ((doneBytes: number, doneFileCount: number) => void) | undefined;
}

/** The bodies of a manifest's entries, to be taken in their order, each whole. */
export class EntryBodies {
  readonly #input: EntryBodiesInput;
  #doneBytes = 0;
  #doneFileCount = 0;

  constructor(input: EntryBodiesInput) {
    this.#input = input;
  }

  /**
   * The body in chunks, checked: the last one comes only when all of them are what the manifest says.
   * Throws: BallError("source-corrupt"), and what its reads do.
   */
  async *chunks(entry: number): AsyncGenerator<Uint8Array, void, undefined> {
    const { manifest, check } = this.#input;
    const sizeBytes = manifest.sizeBytes(entry);
    let passedBytes = 0;
    for await (const chunk of this.#unchecked(entry)) {
      check.pass(entry, chunk);
      passedBytes += chunk.length;
      if (passedBytes > sizeBytes) break;
      yield chunk;
      this.#done(chunk.length, 0);
    }
    if (passedBytes !== sizeBytes) {
      const key = JSON.stringify(manifest.key(entry));
      const found = passedBytes > sizeBytes ? "more" : `only ${passedBytes}`;
      throw new BallError("source-corrupt", `${key} gave ${found} bytes where ${sizeBytes} were pinned`);
    }
    this.#done(0, manifest.isSelectedFile(entry) ? 1 : 0);
  }

  /** The same in one piece. */
  async whole(entry: number): Promise<Buffer> {
    const body = Buffer.allocUnsafeSlow(this.#input.manifest.sizeBytes(entry));
    let length = 0;
    for await (const chunk of this.chunks(entry)) {
      body.set(chunk, length);
      length += chunk.length;
    }
    return body;
  }

  async *#unchecked(entry: number): AsyncGenerator<Uint8Array> {
    const { manifest, ahead } = this.#input;
    const inline = manifest.inlineData(entry);
    if (inline !== undefined) yield inline;
    for (let first = ahead.first(); first?.thing === entry; first = ahead.first()) {
      const { begun } = first;
      const chunks = begun.isReady ? begun.takeNow() : await begun.take();
      if (chunks === undefined) {
        ahead.removeFirst();
        continue;
      }
      for (const chunk of chunks) {
        yield chunk;
        ahead.release(chunk.length);
      }
    }
  }

  #done(bytes: number, fileCount: number): void {
    this.#doneBytes += bytes;
    this.#doneFileCount += fileCount;
    this.#input.onProgress?.(this.#doneBytes, this.#doneFileCount);
  }
}

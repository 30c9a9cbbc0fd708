import { crc32 } from "node:zlib";
import { BallError } from "../ball/errors.ts";
import type { Manifest } from "../ball/manifest.ts";
import type { Crc32Answers } from "./crc32-answers.ts";

/** Holds whole bodies to their CRC-32s while they pass, chunk by chunk, in the archive's order. */
export class BodyCheck {
  readonly #manifest: Manifest;
  readonly #answers: Crc32Answers;
  /** The body that is passing, and how far it has come. */
  #entry = -1;
  #passedBytes = 0;
  #crc32 = 0;

  constructor(manifest: Manifest, answers: Crc32Answers) {
    this.#manifest = manifest;
    this.#answers = answers;
  }

  /**
   * Tells of the next chunk of a body. Throws: BallError("source-corrupt") for the last one of a body that is not what
   * its header says; so that one is not to go out before.
   */
  pass(entry: number, chunk: Uint8Array): void {
    if (entry !== this.#entry) {
      this.#entry = entry;
      this.#passedBytes = 0;
      this.#crc32 = 0;
    }
    this.#crc32 = crc32(chunk, this.#crc32);
    this.#passedBytes += chunk.length;
    if (this.#passedBytes === this.#manifest.sizeBytes(entry)) this.#check(entry, this.#crc32);
  }

  /** A body that came whole is what its header says, or what its header will say. */
  #check(entry: number, found: number): void {
    const expected = this.#answers.get(entry);
    if (expected === undefined) this.#answers.answer(entry, found);
    if (expected === undefined || found === expected) return;
    this.#answers.refuted.add(entry);
    throw new BallError(
      "source-corrupt",
      `The bytes of ${JSON.stringify(this.#manifest.key(entry))} have CRC-32 ${hex(found)}, but ${hex(expected)} was expected`,
    );
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}

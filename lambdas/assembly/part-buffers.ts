import { lengthOfByteRange } from "../layout/byte-range.ts";
import type { Part } from "../parts/part-plan.ts";

/**
 * Buffers for the uploaded parts of one group, which are filled one after another into the same memory: a buffer for each
 * part would be tens of megabytes of garbage, of which V8 sees a hundred bytes.
 */
export class PartBuffers {
  readonly #lengthBytes: number;
  readonly #idle: Uint8Array[] = [];

  constructor(parts: readonly Part[]) {
    this.#lengthBytes = parts.reduce(
      (most, part) => (part.kind === "uploaded" ? Math.max(most, lengthOfByteRange(part)) : most),
      0,
    );
  }

  /** A buffer for any of the parts; what is in it is left from another. */
  take(): Uint8Array {
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.#lengthBytes);
  }

  /** For a buffer that nobody reads any more: not one whose sending failed, which may go on for a moment. */
  giveBack(buffer: Uint8Array): void {
    this.#idle.push(buffer);
  }
}

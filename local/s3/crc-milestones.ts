import { crc32 } from "node:zlib";
import { crcOfRest } from "./combine-crcs.ts";
import type { Crc } from "./crc.ts";

/**
 * The CRC-32s of a body's first 64 KiB, first 128 KiB and so on, four bytes each, kept when it is received. Of any range of
 * the body they leave no more to be read than what sticks out at its two ends, so that a copy costs the same for five
 * gibibytes as for five mebibytes. Of five gibibytes they are 320 KiB.
 */
export type Milestones = Uint8Array;

const step = 64 * 1024;

/** Writes them down while a body passes, whose CRC-32 it has in the end. */
export class MilestoneWriter implements Crc {
  readonly #passed: Buffer[] = [];
  #crc = 0;
  #sinceLast = 0;

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const run = bytes.subarray(at, at + step - this.#sinceLast);
      this.#crc = crc32(run, this.#crc);
      this.#sinceLast += run.length;
      at += run.length;
      if (this.#sinceLast === step) this.#pass();
    }
  }

  /** Undefined for a body that is shorter than the first of them. */
  milestones(): Milestones | undefined {
    return this.#passed.length === 0 ? undefined : Buffer.concat(this.#passed);
  }

  digest(): Buffer {
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(this.#crc);
    return crc;
  }

  #pass(): void {
    this.#passed.push(this.digest());
    this.#sinceLast = 0;
  }
}

/** Bytes of a body from one milestone to another, half-open, and their CRC-32. */
export interface KnownRun {
  readonly start: number;
  readonly end: number;
  readonly crc: Buffer;
}

/** The longest run within [start, end) of a body that its milestones tell of, if any. */
export function knownRun(milestones: Milestones, start: number, end: number): KnownRun | undefined {
  const first = Math.ceil(start / step);
  const last = Math.min(Math.floor(end / step), milestones.length / 4);
  if (last <= first) return undefined;
  const length = (last - first) * step;
  const crc = crcOfRest("CRC32", upTo(milestones, last), upTo(milestones, first), length);
  return { start: first * step, end: last * step, crc };
}

/** The CRC-32 of a body's first `count` steps. */
function upTo(milestones: Milestones, count: number): Buffer {
  return count === 0 ? Buffer.alloc(4) : Buffer.from(milestones.subarray(4 * (count - 1), 4 * count));
}

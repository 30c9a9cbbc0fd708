import type { GoneSource } from "../delivery/gone-sources.ts";
import type { RefutedCrc32 } from "../delivery/refuted-crc32s.ts";

/** What turned out on the way and the present plan can not stay as it is for. */
export class Findings {
  readonly gone: GoneSource[] = [];
  /** To be learned anew from S3. Nothing that did not have them has gone out: what S3 says again is no other plan. */
  readonly refuted: RefutedCrc32[] = [];

  /** Entries of what is refuted. */
  readonly refutedEntries = new Set<number>();

  refute(entry: number, refuted: RefutedCrc32): void {
    this.refutedEntries.add(entry);
    this.refuted.push(refuted);
  }

  get isEmpty(): boolean {
    return this.gone.length + this.refuted.length === 0;
  }
}

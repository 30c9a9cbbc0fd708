import type { GoneSource } from "../delivery/gone-sources.ts";
import type { CorrectedCrc32, RefutedCrc32 } from "../delivery/refuted-crc32s.ts";

/** What turned out on the way and the present plan can not stay as it is for. */
export class Findings {
  readonly gone: GoneSource[] = [];
  /** To be learned anew from S3. */
  readonly refuted: RefutedCrc32[] = [];
  /** By what S3 itself found in copying. */
  readonly corrected: CorrectedCrc32[] = [];

  get isEmpty(): boolean {
    return this.gone.length + this.refuted.length + this.corrected.length === 0;
  }
}

import type { PinnedSource } from "../ball/source.ts";

/** A CRC-32 that was told of a source in one plan of a ball, and that its bytes, read whole, did not have. */
export interface RefutedCrc32 {
  readonly source: PinnedSource;
  readonly planNumber: number;
  readonly crc32: number;
  /** Whether some of the bytes that did not have it may have gone out. */
  readonly hasLeft: boolean;
}

/** What comes in the place of a refuted CRC-32. */
export interface CorrectedCrc32 {
  readonly refuted: RefutedCrc32;
  /** undefined: it is for the next download to learn, before the entry's header. */
  readonly crc32: number | undefined;
}

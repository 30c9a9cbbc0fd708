import type { ByteRange } from "../layout/byte-range.ts";

/** One part of a multipart upload: bytes of the archive, half-open, that follow those of the part before. */
export type Part = UploadedPart | CopiedPart;

/** A part whose bytes pass through compute: headers, small bodies, and as much of a large body as it takes to be a part. */
export interface UploadedPart extends ByteRange {
  readonly kind: "uploaded";
}

/** A part that S3 copies from an entry's source object; it lies within that entry's data. */
export interface CopiedPart extends ByteRange {
  readonly kind: "copied";
  readonly entry: number;
}

/**
 * Parts that one worker makes; the first is an uploaded one. Local file header and data of an entry are in one group, or
 * both in the closing parts.
 */
export interface PartGroup extends ByteRange {
  readonly parts: readonly Part[];
}

/** How an archive is made of parts: all groups and then the closing parts are the archive, gapless and in its order. */
export interface PartPlan {
  readonly groups: readonly PartGroup[];
  /**
   * The parts with the central directory, which need the CRC-32s of all entries and so are made last. The first of them
   * may begin with the last small entries.
   */
  readonly closing: readonly UploadedPart[];
  /**
   * Whether one upload has too few parts, so that each group becomes an object of its own, with an upload of its own, and
   * the archive is joined of these by copying.
   */
  readonly isTwoLevel: boolean;
}

/** What S3 allows of a multipart upload ("Amazon S3 multipart upload limits"). */
export interface PartLimits {
  /** Of every part but an upload's last. */
  readonly smallestPartBytes: number;
  readonly largestPartBytes: number;
  readonly mostParts: number;
}

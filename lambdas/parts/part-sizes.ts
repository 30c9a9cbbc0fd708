import type { PartLimits } from "./part-plan.ts";

/** How long parts are made, within what S3 allows; in bytes. */
export interface PartSizes {
  /** What uploaded parts are cut at. One is longer where an entry that goes through compute would be torn. */
  readonly uploadedBytes: number;
  /** The most of a copied part. */
  readonly copiedBytes: number;
}

/**
 * Part sizes to try in turn: the first are best, the last make the fewest parts. Counted in smallest parts, of which S3's
 * are 5 MiB.
 *
 * Uploaded parts of 25 MiB keep a worker's memory small, and their requests are a trifle; none is ever longer than 60 MiB
 * (see longestMoved). Copied parts of 500 MiB are copied side by side: ten of them are there in a tenth of the time
 * that one of 5 GiB takes, and cost $0.005 per 1,000.
 */
export function partSizesToTry({ smallestPartBytes, largestPartBytes }: PartLimits): readonly PartSizes[] {
  return [1, 2, 4, 8, 11].map((times) => ({
    uploadedBytes: Math.min(5 * times, 10) * smallestPartBytes,
    copiedBytes: Math.min(100 * times * smallestPartBytes, largestPartBytes),
  }));
}

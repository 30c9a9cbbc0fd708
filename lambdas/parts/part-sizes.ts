import type { PartLimits } from "./part-plan.ts";

/** How long parts are made, within what S3 allows; in bytes. */
export interface PartSizes {
  /** What uploaded parts are cut at. One is longer where an entry that goes through compute would be torn. */
  readonly uploadedBytes: number;
  /** The most of a copied part. */
  readonly copiedBytes: number;
}

/**
 * The best part sizes, in smallest parts, of which S3's are 5 MiB. Uploaded parts of 25 MiB keep a worker's
 * memory small. Copied parts of 500 MiB are copied side by side: ten of them are there in a tenth of the
 * time that one of 5 GiB takes, for $0.005 per 1,000.
 */
export function bestPartSizes({ smallestPartBytes, largestPartBytes }: PartLimits): PartSizes {
  return {
    uploadedBytes: Math.min(5 * smallestPartBytes, largestPartBytes - smallestPartBytes),
    copiedBytes: Math.min(100 * smallestPartBytes, largestPartBytes),
  };
}

/** Part sizes to try in turn, the best first: with longer parts there are fewer. */
export function partSizesToTry(limits: PartLimits): readonly PartSizes[] {
  const { smallestPartBytes, largestPartBytes } = limits;
  const { uploadedBytes, copiedBytes } = bestPartSizes(limits);
  const mostUploadedBytes = Math.min(8 * smallestPartBytes, largestPartBytes - smallestPartBytes);
  return [1, 2, 4, 8, 16].map((times) => ({
    uploadedBytes: Math.min(uploadedBytes * times, mostUploadedBytes),
    copiedBytes: Math.min(copiedBytes * times, largestPartBytes),
  }));
}

/**
 * The longest body that may be moved through compute, 35 MiB: copying a longer one always pays (see
 * chooseCopies). With what may stand before it in its part, less than 5 MiB, it keeps that part within the 40 MiB of the
 * longest that are tried, and a header or two; a worker holds two such parts.
 */
export function longestMovedBytes({ smallestPartBytes, largestPartBytes }: PartLimits): number {
  return Math.min(7 * smallestPartBytes, largestPartBytes - 2 * smallestPartBytes);
}

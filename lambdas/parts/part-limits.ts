import type { PartLimits } from "./part-plan.ts";

const mib = 2 ** 20;
const gib = 2 ** 30;

/**
 * What S3 allows ("Amazon S3 multipart upload limits"): 10,000 parts of 5 MiB to 5 GiB, so archives up to
 * 48.8 TiB.
 */
export const s3PartLimits: PartLimits = {
  smallestPartBytes: 5 * mib,
  largestPartBytes: 5 * gib,
  mostParts: 10_000,
};

import type { Ball } from "../ball/ball.ts";
import { allSelected, BallError } from "../ball/errors.ts";

/**
 * How whoever asks for a ball wants its archive: `auto` is streamed as long as that can be, and assembled otherwise. A
 * compressed one is not streamed, as its length is not known beforehand.
 */
export type DeliveryWish =
  | { readonly compression: "stored"; readonly delivery: "auto" | "stream" | "assemble" }
  | { readonly compression: "deflate"; readonly delivery: "auto" | "assemble" };

/** How far each delivery goes here. */
export interface DeliveryLimits {
  /** Longest streamed archive, in bytes; undefined: no limit. */
  readonly streamedBytes: number | undefined;
  /** Most bytes of objects in one compressed archive. */
  readonly compressedBytes: number;
}

/** What an archive comes to, in bytes. */
export interface ArchiveSize {
  /** All its objects. */
  readonly sourceBytes: number;
  /** The whole, stored; or less, where that is not known yet. */
  readonly lengthBytes: number;
}

/** 10,000 parts of 5 GiB ("Amazon S3 multipart upload limits"): 48.8 TiB. */
export const longestAssembledBytes = 10_000 * 5 * 1024 ** 3;

/**
 * How an archive of that size is delivered. What is assembled at one length is so at any greater one: a choice can be
 * made before the whole length is known, and has to be made again when it is.
 * Throws: BallError("archive-too-large") for one that can not be delivered as it is wanted.
 */
export function chooseDelivery(
  wish: DeliveryWish,
  { sourceBytes, lengthBytes }: ArchiveSize,
  { streamedBytes = Number.POSITIVE_INFINITY, compressedBytes }: DeliveryLimits,
): Ball["delivery"] {
  if (wish.compression === "deflate") {
    if (sourceBytes <= compressedBytes) return "assemble";
    throw tooLarge(
      `The selected objects have ${sourceBytes} bytes, and ${compressedBytes} are the most one compressed zip can be ` +
        'made of here; leave "compression" out, or select less',
    );
  }
  if (wish.delivery !== "assemble" && lengthBytes <= streamedBytes) return "stream";
  if (wish.delivery === "stream") {
    throw tooLarge(
      `The zip would have at least ${lengthBytes} bytes, and ${streamedBytes} are the most one streamed download can ` +
        'carry here; leave "delivery" out, and it is assembled, or select less',
    );
  }
  if (lengthBytes <= longestAssembledBytes) return "assemble";
  throw tooLarge(
    `The zip would have at least ${lengthBytes} bytes, and ${longestAssembledBytes} are the most one object of S3 can ` +
      "have; select less, for several balls",
  );
}

function tooLarge(message: string): BallError {
  return new BallError("archive-too-large", message, { at: allSelected });
}

import { createHash } from "node:crypto";
import type { Authenticated } from "./authenticate.ts";
import { decodeAwsChunked } from "./aws-chunked.ts";
import { S3Error } from "./errors.ts";
import { declaredLength, type S3Request } from "./request.ts";

/** A request's body without its transfer coding. */
export interface Payload {
  /** In bytes, as declared; a body of another length fails. Undefined when the client did not say. */
  readonly length: number | undefined;
  /** The bytes. The last piece has come only when all that the client declared of the whole was verified. */
  readonly bytes: AsyncIterable<Buffer>;
  /** Trailing headers, complete once `bytes` has ended. */
  readonly trailers: ReadonlyMap<string, string>;
}

/**
 * The payload as `x-amz-content-sha256` describes it: unsigned, hashed as a whole, or `aws-chunked` with or without
 * signatures and trailing headers.
 * Throws: S3Error, at once or while reading, as S3 answers each kind of wrong body.
 */
export function openPayload(request: S3Request, { payloadHash, chunkSigning }: Authenticated): Payload {
  const length = declaredLength(request);
  const trailers = new Map<string, string>();
  if (payloadHash === "UNSIGNED-PAYLOAD") return { length, bytes: request.body(), trailers };
  if (/^[0-9a-f]{64}$/.test(payloadHash))
    return { length, bytes: hashed(request.body(), payloadHash), trailers };
  const coding = codings.get(payloadHash);
  if (coding === undefined) {
    throw new S3Error(
      "InvalidArgument",
      "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
    );
  }
  if (request.headers["x-amz-decoded-content-length"] === undefined) throw missingContentLength();
  const signing = coding.isSigned ? chunkSigning : undefined;
  const decoded = decodeAwsChunked(request.body(), { signing, hasTrailers: coding.hasTrailers, trailers });
  return { length, bytes: ofLength(decoded, length), trailers };
}

const codings: ReadonlyMap<string, { isSigned: boolean; hasTrailers: boolean }> = new Map([
  ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", { isSigned: false, hasTrailers: true }],
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", { isSigned: true, hasTrailers: false }],
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", { isSigned: true, hasTrailers: true }],
]);

/** What S3 answers to a body of unknown length. */
export function missingContentLength(): S3Error {
  return new S3Error("MissingContentLength", "You must provide the Content-Length HTTP header.");
}

async function* hashed(body: AsyncIterable<Buffer>, expected: string): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  for await (const bytes of body) {
    hash.update(bytes);
    yield bytes;
  }
  const computed = hash.digest("hex");
  if (computed === expected) return;
  throw new S3Error(
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { details: { ClientComputedContentSHA256: expected, S3ComputedContentSHA256: computed } },
  );
}

async function* ofLength(bytes: AsyncIterable<Buffer>, length: number | undefined): AsyncGenerator<Buffer> {
  let seen = 0;
  for await (const piece of bytes) {
    seen += piece.length;
    yield piece;
  }
  if (seen === length) return;
  throw new S3Error(
    "IncompleteBody",
    "The number of bytes received does not match the x-amz-decoded-content-length header",
  );
}

/**
 * The whole payload as text, for request documents.
 * Throws: S3Error MaxMessageLengthExceeded above `longestBytes`.
 */
export async function readDocument(payload: Payload, longestBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of payload.bytes) {
    length += piece.length;
    if (length > longestBytes) throw new S3Error("MaxMessageLengthExceeded", "Your request was too big.");
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

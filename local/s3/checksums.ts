import { createHash } from "node:crypto";
import { type CrcName, crcKinds, newCrc } from "./crc.ts";
import { S3Error } from "./errors.ts";
import { headerOf, type S3Request } from "./request.ts";

/** The checksum algorithms S3 keeps with an object ("Checking object integrity in Amazon S3"). */
export const checksumAlgorithms = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** Of the whole object, or of the checksums of its parts. */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

/** A kept checksum; `value` is base64, with `-N` behind it when composed of N parts. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  readonly value: string;
}

export interface Digester {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

export function newDigester(algorithm: ChecksumAlgorithm): Digester {
  return isCrc(algorithm) ? newCrc(algorithm) : createHash(algorithm.toLowerCase());
}

export function isCrc(algorithm: ChecksumAlgorithm): algorithm is CrcName {
  return algorithm in crcKinds;
}

const digestBytes: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

/** `x-amz-checksum-crc32` and so on. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The response headers that tell a checksum. */
export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  return { [checksumHeader(checksum.algorithm)]: checksum.value, "x-amz-checksum-type": checksum.type };
}

/** The elements that tell a checksum in a document, as in `<ChecksumCRC32>`. */
export function checksumElement(algorithm: ChecksumAlgorithm, value: string): Record<string, string> {
  return { [`Checksum${algorithm}`]: value };
}

/** Throws: S3Error InvalidRequest for an algorithm S3 does not have. */
export function parseChecksumAlgorithm(text: string): ChecksumAlgorithm {
  const algorithm = checksumAlgorithms.find((name) => name === text.toUpperCase());
  if (algorithm !== undefined) return algorithm;
  throw new S3Error(
    "InvalidRequest",
    "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
  );
}

/** What a client wants a body's bytes to be checked against: a value in a header, or in a trailer to come. */
export interface DeclaredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string | undefined;
}

/**
 * The one checksum a request declares for its body, if any.
 * Throws: S3Error InvalidRequest for several, a value that cannot be one, or an algorithm without a value.
 */
export function declaredChecksum(request: S3Request): DeclaredChecksum | undefined {
  const declared = checksumNames(request).map((header): DeclaredChecksum => {
    const algorithm = parseChecksumAlgorithm(header.slice("x-amz-checksum-".length));
    const value = headerOf(request, header);
    if (value !== undefined) checkForm(algorithm, value);
    return { algorithm, value };
  });
  if (declared.length > 1) {
    throw new S3Error(
      "InvalidRequest",
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  }
  const [only] = declared;
  if (only === undefined && request.headers["x-amz-sdk-checksum-algorithm"] !== undefined) {
    throw new S3Error(
      "InvalidRequest",
      "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
    );
  }
  return only;
}

/** Throws: S3Error InvalidRequest when `value` is not the base64 of a digest of this length. */
function checkForm(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, "base64");
  if (bytes.length === digestBytes[algorithm] && bytes.toString("base64") === value) return;
  throw new S3Error("InvalidRequest", `Value for ${checksumHeader(algorithm)} header is invalid.`);
}

/**
 * Holds a body's computed checksum against the declared one, which may have come in a trailing header.
 * Throws: S3Error BadDigest when the bytes are not those the client meant, InvalidRequest for no or no possible value.
 */
export function checkDeclared(
  { algorithm, value }: DeclaredChecksum,
  trailers: ReadonlyMap<string, string>,
  computed: string,
): void {
  const expected = value ?? trailers.get(checksumHeader(algorithm));
  if (expected === undefined) {
    throw new S3Error("InvalidRequest", "The value specified in the x-amz-trailer header did not arrive");
  }
  checkForm(algorithm, expected);
  checkChecksum(algorithm, expected, computed);
}

/** Throws: S3Error BadDigest when the two differ. */
function checkChecksum(algorithm: ChecksumAlgorithm, declared: string, computed: string): void {
  if (declared === computed) return;
  throw new S3Error("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
}

const notValues = new Set(["x-amz-checksum-mode", "x-amz-checksum-algorithm", "x-amz-checksum-type"]);

function checksumNames(request: S3Request): string[] {
  const trailers = (headerOf(request, "x-amz-trailer") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase());
  return [...Object.keys(request.headers), ...trailers].filter(
    (name) => name.startsWith("x-amz-checksum-") && !notValues.has(name),
  );
}

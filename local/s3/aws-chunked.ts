import { createHash } from "node:crypto";
import { type ChunkSigning, isSameSignature } from "./authenticate.ts";
import { S3Error } from "./errors.ts";
import { emptyHash, hmacHex } from "./sigv4.ts";

const longestLineBytes = 16 * 1024;

export interface ChunkedOptions {
  /** Present when every chunk is signed. */
  readonly signing: ChunkSigning | undefined;
  /** Whether trailing headers are announced; they are signed when the chunks are. */
  readonly hasTrailers: boolean;
  /** Filled with the trailing headers, lower-case names, once the body was read to its end. */
  readonly trailers: Map<string, string>;
}

/**
 * Takes `aws-chunked` off a body and verifies the chunks' signatures ("Signature calculations for the
 * Authorization header: transferring a payload in multiple chunks", with and without trailing headers).
 * Shape: pieces of at most what the network delivered; a chunk's bytes come before its signature was verified, so
 * nothing may be committed before the end.
 * Throws: S3Error IncompleteBody, SignatureDoesNotMatch.
 */
export async function* decodeAwsChunked(
  body: AsyncIterable<Buffer>,
  { signing, hasTrailers, trailers }: ChunkedOptions,
): AsyncGenerator<Buffer> {
  const source = new ByteSource(body);
  const signatures = signing === undefined ? undefined : new ChunkSignatures(signing);
  let length: number;
  do {
    const header = parseChunkHeader(await source.line());
    length = header.length;
    for (let left = length; left > 0; ) {
      const bytes = await source.atMost(left);
      left -= bytes.length;
      signatures?.update(bytes);
      yield bytes;
    }
    signatures?.verifyChunk(header.signature);
    if (length > 0 && (await source.line()) !== "") throw incomplete();
  } while (length > 0);
  if (hasTrailers) await readTrailers(source, trailers, signatures);
  await source.drain();
}

async function readTrailers(
  source: ByteSource,
  trailers: Map<string, string>,
  signatures: ChunkSignatures | undefined,
): Promise<void> {
  let signature = "";
  for (let line = await source.line(); line !== ""; line = await source.line()) {
    const colon = line.indexOf(":");
    if (colon === -1) throw incomplete();
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "x-amz-trailer-signature") signature = value;
    else trailers.set(name, value);
  }
  signatures?.verifyTrailers(trailers, signature);
}

function parseChunkHeader(line: string): { length: number; signature: string } {
  const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (match === null) throw incomplete();
  return { length: Number.parseInt(match[1] ?? "", 16), signature: match[2] ?? "" };
}

/** Each signature covers the one before, the first one the request's own. */
class ChunkSignatures {
  readonly #signing: ChunkSigning;
  #previous: string;
  #hash = createHash("sha256");

  constructor(signing: ChunkSigning) {
    this.#signing = signing;
    this.#previous = signing.seed;
  }

  update(bytes: Buffer): void {
    this.#hash.update(bytes);
  }

  verifyChunk(signature: string): void {
    this.#verify("AWS4-HMAC-SHA256-PAYLOAD", `${emptyHash}\n${this.#hash.digest("hex")}`, signature);
    this.#hash = createHash("sha256");
  }

  verifyTrailers(trailers: ReadonlyMap<string, string>, signature: string): void {
    const text = [...trailers].map(([name, value]) => `${name}:${value}\n`).join("");
    this.#verify("AWS4-HMAC-SHA256-TRAILER", createHash("sha256").update(text).digest("hex"), signature);
  }

  #verify(kind: string, hashes: string, signature: string): void {
    const { signingKey, timestamp, scope } = this.#signing;
    const toSign = `${kind}\n${timestamp}\n${scope}\n${this.#previous}\n${hashes}`;
    const expected = hmacHex(signingKey, toSign);
    if (!isSameSignature(expected, signature)) {
      throw new S3Error(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        { details: { StringToSign: toSign, SignatureProvided: signature } },
      );
    }
    this.#previous = expected;
  }
}

/** A byte stream read by lines and by counts. */
class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterable<Buffer>) {
    this.#chunks = body[Symbol.asyncIterator]();
  }

  /** The bytes before the next CRLF, which is consumed. */
  async line(): Promise<string> {
    let end = this.#rest.indexOf("\r\n");
    while (end === -1) {
      const next = await this.#chunks.next();
      if (next.done === true || this.#rest.length > longestLineBytes) throw incomplete();
      this.#rest = Buffer.concat([this.#rest, next.value]);
      end = this.#rest.indexOf("\r\n");
    }
    const line = this.#rest.toString("latin1", 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    return line;
  }

  async atMost(count: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) throw incomplete();
      this.#rest = next.value;
    }
    const bytes = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  /** Reads on to the end of the request, so that the connection can take the next one. */
  async drain(): Promise<void> {
    while ((await this.#chunks.next()).done !== true);
  }
}

function incomplete(): S3Error {
  return new S3Error(
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
  );
}

import { promisify } from "node:util";
import { brotliCompress, brotliDecompress, constants } from "node:zlib";
import { decodeManifest, encodeManifest } from "../../ball/encode-manifest.ts";
import { BallError } from "../../ball/errors.ts";
import { etagOf } from "../../ball/etag.ts";
import type { Manifest } from "../../ball/manifest.ts";

/** Bytes of the compressed manifest in one item; an item may have 400 KB with its keys and attribute names. */
const chunkBytes = 384 * 1024;

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

/** A manifest as bytes, compressed and cut to fit the item limit. */
export async function encodeManifestChunks(manifest: Manifest): Promise<Uint8Array[]> {
  const encoded = encodeManifest(manifest);
  const compressed = await compress(encoded, {
    params: {
      // Level 5 takes a tenth of a second for 100,000 entries; 9 takes three times that for one percent less.
      [constants.BROTLI_PARAM_QUALITY]: 5,
      [constants.BROTLI_PARAM_SIZE_HINT]: encoded.length,
    },
  });
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < compressed.length; start += chunkBytes) {
    chunks.push(compressed.subarray(start, start + chunkBytes));
  }
  return chunks;
}

/**
 * The manifest whose chunks these are, in order.
 * Throws: BallError("ball-corrupt") for chunks of no manifest, or of another than the one `etag` was made of.
 */
export async function decodeManifestChunks(chunks: readonly Uint8Array[], etag: string): Promise<Manifest> {
  const encoded = await decompressed(Buffer.concat(chunks));
  if (etagOf(encoded) !== etag) throw corruptManifest();
  return decodeManifest(encoded);
}

async function decompressed(bytes: Uint8Array): Promise<Buffer> {
  try {
    return await decompress(bytes);
  } catch (cause) {
    throw corruptManifest(cause);
  }
}

function corruptManifest(cause?: unknown): BallError {
  return new BallError("ball-corrupt", "The stored manifest of a ball is not the one it was made with", {
    cause,
  });
}

import { hash } from "node:crypto";
import { type Checksum, isCrc, newDigester } from "./checksums.ts";
import { combineCrcs } from "./combine-crcs.ts";
import type { Part, Upload } from "./upload-table.ts";

/** The ETag of an object assembled from parts: the MD5 of their MD5s, and how many. */
export function assembledEtag(parts: readonly Part[]): string {
  const md5s = Buffer.concat(parts.map((part) => Buffer.from(part.etag, "hex")));
  return `${hash("md5", md5s, "hex")}-${parts.length}`;
}

/** Its checksum: of the parts' checksums, and how many, or of all bytes, which follows from the parts' CRCs. */
export function assembledChecksum(
  { checksumAlgorithm: algorithm, checksumType: type }: Upload,
  parts: readonly Part[],
): Checksum {
  const values = parts.map((part) => Buffer.from(part.checksumValue, "base64"));
  if (type === "FULL_OBJECT" && isCrc(algorithm)) {
    const pieces = parts.map(({ size }, index) => ({ crc: values[index] ?? Buffer.alloc(0), length: size }));
    return { algorithm, type, value: combineCrcs(algorithm, pieces).toString("base64") };
  }
  const digester = newDigester(algorithm);
  digester.update(Buffer.concat(values));
  return { algorithm, type: "COMPOSITE", value: `${digester.digest().toString("base64")}-${parts.length}` };
}

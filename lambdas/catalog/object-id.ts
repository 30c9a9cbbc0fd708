import { createHash } from "node:crypto";
import type { ObjectVersion } from "./object-version.ts";

/**
 * The id of one version of an object: a SHA-256 of what tells it from all others, in the form of a UUIDv4 (RFC 9562,
 * section 5.4). Whoever computes it gets the same, so that ids need neither coordination nor memory.
 * An object without a version id is told by its ETag: the same bytes, uploaded again, are the same version.
 */
export function objectIdOf(
  bucket: string,
  { key, versionId, etag }: Pick<ObjectVersion, "key" | "versionId" | "etag">,
): string {
  // JSON, so that no two lists of texts become one text.
  const identity = JSON.stringify(
    versionId === undefined ? [bucket, key, null, etag] : [bucket, key, versionId],
  );
  return uuidv4Of(createHash("sha256").update(identity, "utf8").digest());
}

/** The first 16 bytes, but for the six bits that every UUIDv4 has. */
function uuidv4Of(digest: Buffer): string {
  const bytes = digest.subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

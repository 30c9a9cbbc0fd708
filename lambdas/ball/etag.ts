import { createHash } from "node:crypto";

/**
 * Strong entity tag of a ball's archive, with its quotation marks: a digest of the encoded manifest, so of all that
 * can change the archive's bytes: every pin, size, time and name, their order, and the writer's format version; and of
 * the plan's number, as two plans of a ball may differ in nothing but the CRC-32s that are told in them.
 * RFC 9110, section 8.8.3.
 */
export function etagOf(encodedManifest: Uint8Array): string {
  return `"${createHash("sha256").update(encodedManifest).digest("base64url").slice(0, etagLength)}"`;
}

/** 32 characters of 6 bits: 192 bits. */
const etagLength = 32;

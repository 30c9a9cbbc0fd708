import type { DescribedPath, DescribedVersion } from "../../catalog/describe-versions.ts";
import { formatDateTime } from "../date-time.ts";
import type { DescribedObject, ObjectAnswer, ObjectsAnswer } from "./schemas.ts";

/** The body of a 200 to `GET /v2/metadata/{id}`. */
export function encodeObject(version: DescribedVersion): string {
  const answer: ObjectAnswer = { success: true, data: encodeVersion(version) };
  return JSON.stringify(answer);
}

/**
 * Versions in one answer. Lambda answers 6 MB at most, as JSON in JSON: a key of 1,024 control characters, told as path
 * and as name, takes 14 KB of them.
 */
export const mostVersions = 400;

/** The body of a 200 to `POST /v2/metadata`. */
export function encodeObjects({ versions, hasOlder }: DescribedPath): string {
  const data = { objects: versions.map(encodeVersion), truncated: hasOlder };
  const answer: ObjectsAnswer = { success: true, data };
  return JSON.stringify(answer);
}

const md5 = /^[0-9a-f]{32}$/;

function encodeVersion({ version, shownNumber, revision, crc32 }: DescribedVersion): DescribedObject {
  const { id, key, sizeBytes, mtimeEpochSeconds } = version;
  const hash = version.etag.replace(/^"(.*)"$/, "$1");
  const uploadedOn = formatDateTime(mtimeEpochSeconds);
  return {
    object_id: id,
    path: `/${key}`,
    properties: {
      name: nameOf(key),
      size: sizeBytes,
      size_pretty: formatSize(sizeBytes),
      hash,
      hash_type: md5.test(hash) ? "MD5" : "ETAG",
      crc32: crc32 === undefined ? null : crc32.toString(16).padStart(8, "0"),
      is_versioned: shownNumber !== null,
      version: shownNumber,
      revision,
      created_on: uploadedOn,
      updated_on: uploadedOn,
      created_on_ts: mtimeEpochSeconds,
      updated_on_ts: mtimeEpochSeconds,
    },
  };
}

/** The last segment; a key that ends in a slash, as the marker of an empty folder does, is called like its folder. */
function nameOf(key: string): string {
  return key.split("/").findLast((segment) => segment !== "") ?? key;
}

const sizeUnits = ["KB", "MB", "GB", "TB"];

/** As BitPaket shows sizes: `234 B`, `18.8 KB`; 1 KB is 1,024 bytes. */
function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let amount = bytes / 1024;
  let unit = 0;
  // What would be rounded up to 1024.0 is 1.0 of the next unit.
  while (amount >= 1023.95 && unit < sizeUnits.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount.toFixed(1)} ${sizeUnits[unit]}`;
}

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { piecesOfBody } from "./bodies.ts";
import type { BenchObject, ObjectSet } from "./object-set.ts";

/** An object before anything is computed of it. */
export interface PlannedObject {
  readonly key: string;
  readonly sizeBytes: number;
}

/** The same for the same plan, whenever and wherever: nobody is asked. */
export function describeObjects(bucket: string, planned: readonly PlannedObject[]): ObjectSet {
  const objects = planned.map((object, index) => ({
    ...object,
    ...sumsOf(object),
    mtimeEpochSeconds: firstMtimeEpochSeconds + 60 * index,
  }));
  return { bucket, objects };
}

/** The ETag is what S3's is: the MD5 of an object put at once, and another name for one put in parts. */
function sumsOf({ key, sizeBytes }: PlannedObject): Pick<BenchObject, "etag" | "crc32"> {
  const partCount = Math.ceil(sizeBytes / partBytes);
  const md5 = createHash("md5");
  let crc = 0;
  if (partCount > 1) md5.update(key);
  for (const piece of piecesOfBody(key, sizeBytes)) {
    if (partCount <= 1) md5.update(piece);
    crc = crc32(piece, crc);
  }
  return { etag: `"${md5.digest("hex")}${partCount > 1 ? `-${partCount}` : ""}"`, crc32: crc };
}

/** From this size on, uploads are in parts. */
const partBytes = 8 * 1024 * 1024;
const firstMtimeEpochSeconds = Date.UTC(2026, 0, 1) / 1000;

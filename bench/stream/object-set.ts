import { readFileSync, writeFileSync } from "node:fs";
import { isRecord } from "./is-record.ts";

/** An object as every contestant is told of it. */
export interface BenchObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly mtimeEpochSeconds: number;
  /** With its quotation marks. */
  readonly etag: string;
  readonly crc32: number;
}

/** The objects one archive is made of. */
export interface ObjectSet {
  readonly bucket: string;
  readonly objects: readonly BenchObject[];
}

/** To a file: too long for an argument. */
export function writeObjectSet(file: string, set: ObjectSet): void {
  writeFileSync(file, JSON.stringify(set));
}

/**
 * Throws: TypeError for a file that writeObjectSet did not write. By hand and not with zod, because what reading it
 * takes counts as the memory of whoever reads it.
 */
export function readObjectSet(file: string): ObjectSet {
  const read: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (isObjectSet(read)) return read;
  throw new TypeError(`${file} is no set of objects`);
}

function isObjectSet(value: unknown): value is ObjectSet {
  return (
    isRecord(value) &&
    typeof value.bucket === "string" &&
    Array.isArray(value.objects) &&
    value.objects.every(isBenchObject)
  );
}

function isBenchObject(value: unknown): value is BenchObject {
  return (
    isRecord(value) &&
    typeof value.key === "string" &&
    typeof value.sizeBytes === "number" &&
    typeof value.mtimeEpochSeconds === "number" &&
    typeof value.etag === "string" &&
    typeof value.crc32 === "number"
  );
}

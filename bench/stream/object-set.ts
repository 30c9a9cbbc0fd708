import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { crc32OfBody } from "./bodies.ts";

/** The objects one archive is made of, as every contestant is told of them. */
export type ObjectSet = z.output<typeof objectSetSchema>;
export type BenchObject = ObjectSet["objects"][number];

/** An object before anything is computed of it. */
export interface PlannedObject {
  readonly key: string;
  readonly sizeBytes: number;
}

const objectSetSchema = z.object({
  bucket: z.string(),
  objects: z.array(
    z.object({
      key: z.string(),
      sizeBytes: z.number(),
      mtimeEpochSeconds: z.number(),
      etag: z.string(),
      crc32: z.number(),
    }),
  ),
});

/** The same for the same plan, whenever and wherever: nobody is asked. */
export function describeObjects(bucket: string, planned: readonly PlannedObject[]): ObjectSet {
  const objects = planned.map(({ key, sizeBytes }, index) => ({
    key,
    sizeBytes,
    mtimeEpochSeconds: firstMtimeEpochSeconds + 60 * index,
    etag: `"${createHash("md5").update(`${sizeBytes} ${key}`).digest("hex")}"`,
    crc32: crc32OfBody(key, sizeBytes),
  }));
  return { bucket, objects };
}

/** To a file: too long for an argument. */
export function writeObjectSet(file: string, set: ObjectSet): void {
  writeFileSync(file, JSON.stringify(set));
}

/** Throws: ZodError for a file that writeObjectSet did not write. */
export function readObjectSet(file: string): ObjectSet {
  return objectSetSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

const firstMtimeEpochSeconds = Date.UTC(2026, 0, 1) / 1000;

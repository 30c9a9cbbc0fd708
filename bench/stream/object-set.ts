import { readFileSync, writeFileSync } from "node:fs";
import pMap from "p-map";
import { z } from "zod";
import type { SourceObject, SourceReader } from "../../lambdas/ball/source.ts";

/** The objects one archive is made of, as every contestant is told of them. */
export type ObjectSet = z.output<typeof objectSetSchema>;
export type BenchObject = ObjectSet["objects"][number];

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

/** Asks S3 of every object, and writes the answers to a file: too long for an argument. */
export async function writeObjectSet(
  file: string,
  reader: SourceReader,
  bucket: string,
  keys: readonly string[],
): Promise<void> {
  const describe = async (key: string) => required(key, await reader.describe(bucket, key));
  const objects = await pMap(keys, describe, { concurrency: 32 });
  writeFileSync(file, JSON.stringify({ bucket, objects }));
}

/** Throws: ZodError for a file that writeObjectSet did not write. */
export function readObjectSet(file: string): ObjectSet {
  return objectSetSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

function required(key: string, object: SourceObject | undefined): SourceObject {
  if (object === undefined) throw new Error(`${key} is not in the bucket`);
  return object;
}

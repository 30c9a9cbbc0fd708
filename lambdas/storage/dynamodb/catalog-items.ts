import { z } from "zod";
import type { CatalogedVersion } from "../../catalog/object-version.ts";

/**
 * The items of the catalog's table. The partition key `subject` tells what an item is about, the sort key `item` what it
 * says of it:
 *
 *   <bucket>/<key>              version#0000000001…    the versions of a path, each under its number
 *   <bucket>/<key>              content#version#<id>   a CRC-32, by what pins its bytes (known-contents.ts)
 *                               content#etag#<etag>
 *   id#<uuid>                   id                     the path of the version that has the id
 *   backfill#<bucket>/<prefix>  <work>                 how far indexing has come (index-checkpoint.ts)
 *
 * A bucket's name has neither "/" nor "#" in it, so that subjects of one kind are never those of another.
 */
export const versionItemPrefix = "version#";
/** Sort key of an id's item. */
export const idItem = "id";

/** What is about a path. */
export const pathSubject = (bucket: string, key: string): string => `${bucket}/${key}`;
/** What is about an id. */
export const idSubject = (id: string): string => `id#${id}`;
/** What is about the indexing of a bucket, or of what of it begins with a prefix. */
export const backfillSubject = (bucket: string, prefix: string): string => `backfill#${bucket}/${prefix}`;

/** Numbers have ten digits, so that the order of items is that of numbers. */
export const versionItem = (number: number): string =>
  `${versionItemPrefix}${number.toString().padStart(10, "0")}`;

const versionAttributes = z.object({
  item: z
    .string()
    .regex(/^version#\d{10}$/)
    .transform((item) => Number(item.slice(versionItemPrefix.length))),
  id: z.string(),
  versionId: z.string().optional(),
  etag: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  mtimeEpochSeconds: z.number().int(),
});

/** A version as its item has it. */
export function encodeVersion({ bucket, key, number, versionId, ...attributes }: CatalogedVersion) {
  return {
    ...attributes,
    subject: pathSubject(bucket, key),
    item: versionItem(number),
    ...(versionId === undefined ? {} : { versionId }),
  };
}

/** Throws: ZodError for an item that encodeVersion did not make. */
export function decodeVersion(bucket: string, key: string, stored: unknown): CatalogedVersion {
  const { item: number, versionId, ...attributes } = versionAttributes.parse(stored);
  return { ...attributes, versionId, bucket, key, number };
}

/** The path of an id. */
export const pathOfIdAttributes = z.object({ bucket: z.string(), key: z.string() });

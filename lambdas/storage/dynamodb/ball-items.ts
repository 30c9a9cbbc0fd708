import { z } from "zod";
import type { Ball } from "../../ball/ball.ts";
import { BallError } from "../../ball/errors.ts";

/**
 * The items of one ball in the table of balls. All share the partition key `ballId`; the sort key `item` tells what
 * each is:
 *
 *   ball             the ball itself; written last, so that a ball that is found is whole
 *   manifest#00000…  the manifest, compressed, cut to fit the item limit
 *   crc32#00000…     CRC-32s of 65,536 entries each, as far as they are known
 *
 * `expiresAtEpochSeconds` is the table's TTL attribute: when an item may go, some time after the link has expired.
 */
export const headItem = "ball";

/** Their numbers have five digits. */
const mostChunks = 100_000;

export const manifestItem = (chunk: number): string => `manifest#${chunk.toString().padStart(5, "0")}`;

export const crc32Item = (chunk: number): string => `crc32#${chunk.toString().padStart(5, "0")}`;

const headAttributes = z.object({
  ballId: z.string(),
  createdAtEpochSeconds: z.number().int(),
  linkExpiresAtEpochSeconds: z.number().int(),
  etag: z.string(),
  lengthBytes: z.number().int().nonnegative(),
  entryCount: z.number().int().positive(),
  fileName: z.string(),
});

export function encodeHead(ball: Ball): Record<string, unknown> {
  const { expiresAtEpochSeconds, ...attributes } = ball;
  return {
    ...attributes,
    item: headItem,
    linkExpiresAtEpochSeconds: expiresAtEpochSeconds,
    expiresAtEpochSeconds: removableAt(ball),
  };
}

/** Throws: BallError("ball-corrupt") for an item that encodeHead did not make. */
export function decodeHead(item: unknown): Ball {
  const { linkExpiresAtEpochSeconds, ...attributes } = parseStored(headAttributes, item);
  return { ...attributes, expiresAtEpochSeconds: linkExpiresAtEpochSeconds };
}

/** How long an expired link goes on answering that it has expired, and not that it never was. */
const rememberedSeconds = 30 * 24 * 3600;

/** From when on DynamoDB may remove a ball's items, in seconds since 1970. */
export function removableAt(ball: Ball): number {
  return ball.expiresAtEpochSeconds + rememberedSeconds;
}

const manifestChunk = z.object({
  bytes: z.instanceof(Uint8Array),
  chunkCount: z.number().int().positive().max(mostChunks),
});

/** One chunk of the manifest; the first tells how many there are. Throws: BallError("ball-corrupt"). */
export const decodeManifestChunk = (item: unknown) => parseStored(manifestChunk, item);

const crc32Chunk = z.object({
  bytes: z.instanceof(Uint8Array),
  knownCount: z.number().int().nonnegative(),
});

/** CRC-32s as encodeCrc32Chunk writes them, and how many are known. Throws: BallError("ball-corrupt"). */
export const decodeCrc32Item = (item: unknown) => parseStored(crc32Chunk, item);

function parseStored<Schema extends z.ZodType>(schema: Schema, item: unknown): z.output<Schema> {
  const { success, data, error: cause } = schema.safeParse(item);
  if (success) return data;
  throw new BallError("ball-corrupt", "A stored item of a ball is not what was written", { cause });
}

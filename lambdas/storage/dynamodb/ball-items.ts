import { z } from "zod";
import type { Ball, Plan, SentRange } from "../../ball/ball.ts";
import { BallError } from "../../ball/errors.ts";

/**
 * The items of one ball in the table of balls. All share the partition key `ballId`; the sort key `item` tells what
 * each is:
 *
 *   ball                      the ball itself; written last, so that a ball that is found is whole
 *   manifest#<etag>#00000…    the manifest of one plan, compressed, cut to fit the item limit
 *   crc32#<etag>#00000…       CRC-32s of 65,536 of its entries each, as far as they are known
 *   sent#00000#<request id>   how far one request has come, by the number of the plan it is of
 *   assembly#<etag>           the latest attempt to assemble the archive of one plan (assembly-items.ts)
 *   group#<etag>#00001#00000… how far each group of its parts has come in that attempt, and who works on it
 *
 * A plan's items are named by its entity tag, a digest of what they hold: two requests that plan anew at the same time
 * can not mix theirs, and a plan that is no longer the ball's can be read on.
 *
 * `expiresAtEpochSeconds` is the table's TTL attribute: when an item may go, some time after the link has expired.
 */
export const headItem = "ball";

/** Their numbers have five digits. */
const mostChunks = 100_000;

/** Sort key of one chunk of a plan's manifest. */
export const manifestItem = (plan: Plan, chunk: number): string =>
  `manifest#${unquoted(plan.etag)}#${fiveDigits(chunk)}`;

/** Sort key of one chunk of a plan's CRC-32s. */
export const crc32Item = (plan: Plan, chunk: number): string =>
  `crc32#${unquoted(plan.etag)}#${fiveDigits(chunk)}`;

/** What the names of all items about sent ranges of a plan begin with. */
export const sentItems = ({ planNumber }: Pick<Plan, "planNumber">): string =>
  `sent#${fiveDigits(planNumber)}#`;

export const fiveDigits = (number: number): string => number.toString().padStart(5, "0");
export const unquoted = (etag: string): string => etag.replaceAll('"', "");

const wholeNumber = z.number().int().nonnegative();

const planAttributes = {
  planNumber: wholeNumber,
  plannedAtEpochSeconds: z.number().int(),
  etag: z.string(),
  lengthBytes: wholeNumber,
  entryCount: z.number().int().positive(),
  fileCount: wholeNumber,
  skippedFileCount: wholeNumber,
  skippedFolderCount: wholeNumber,
};

const planOnly = z.object(planAttributes);

const headAttributes = z.strictObject({
  item: z.literal(headItem),
  expiresAtEpochSeconds: z.number().int(),
  ballId: z.string(),
  bucket: z.string(),
  createdAtEpochSeconds: z.number().int(),
  linkExpiresAtEpochSeconds: z.number().int(),
  lifetimeFromStartSeconds: z.number().int().positive().optional(),
  startedAtEpochSeconds: z.number().int().optional(),
  fileName: z.string(),
  tokenId: z.string(),
  delivery: z.enum(["stream", "assemble"]),
  compression: z.enum(["stored", "deflate"]),
  ...planAttributes,
});

/** A ball as its head item has it; the manifest and the CRC-32s are items of their own. */
export function encodeHead(ball: Ball): Record<string, unknown> {
  const { expiresAtEpochSeconds, ...attributes } = ball;
  return withoutUndefined({
    ...attributes,
    item: headItem,
    linkExpiresAtEpochSeconds: expiresAtEpochSeconds,
    expiresAtEpochSeconds: removableAt(ball),
  });
}

/** Throws: BallError("ball-corrupt") for an item that encodeHead did not make. */
export function decodeHead(stored: unknown): Ball {
  const { item, linkExpiresAtEpochSeconds, lifetimeFromStartSeconds, startedAtEpochSeconds, ...attributes } =
    parseStored(headAttributes, stored);
  return {
    ...attributes,
    expiresAtEpochSeconds: linkExpiresAtEpochSeconds,
    lifetimeFromStartSeconds,
    startedAtEpochSeconds,
  };
}

/** The attributes of a ball's head that another plan changes. */
export function encodePlan(plan: Plan): Record<string, unknown> {
  return planOnly.parse(plan);
}

/** How long an expired link goes on answering that it has expired, and not that it never was. */
const rememberedSeconds = 30 * 24 * 3600;

/**
 * From when on DynamoDB may remove a ball's items, in seconds since 1970. The start of its download may put the end of
 * its link off, and its items stay as they were written: they live as if it began at the last moment.
 */
export function removableAt({ expiresAtEpochSeconds, lifetimeFromStartSeconds = 0 }: Ball): number {
  return expiresAtEpochSeconds + lifetimeFromStartSeconds + rememberedSeconds;
}

const sentRange = z.strictObject({
  ballId: z.string(),
  item: z.string(),
  expiresAtEpochSeconds: z.number().int(),
  requestId: z.string(),
  planNumber: wholeNumber,
  start: wholeNumber,
  end: wholeNumber,
  updatedAtEpochMs: wholeNumber,
  failure: z.string().optional(),
});

/** The item of one request's progress, the same for the same request. */
export function encodeSentRange(ball: Ball, sent: SentRange): Record<string, unknown> {
  return withoutUndefined({
    ...sent,
    ballId: ball.ballId,
    item: sentItems(sent) + sent.requestId,
    expiresAtEpochSeconds: removableAt(ball),
  });
}

/** Throws: BallError("ball-corrupt") for an item that encodeSentRange did not make. */
export function decodeSentRange(stored: unknown): SentRange {
  const { ballId, item, expiresAtEpochSeconds, failure, ...sent } = parseStored(sentRange, stored);
  return { ...sent, failure };
}

const manifestChunk = z.object({
  bytes: z.instanceof(Uint8Array),
  chunkCount: z.number().int().positive().max(mostChunks),
});

/** One chunk of the manifest; the first tells how many there are. Throws: BallError("ball-corrupt"). */
export const decodeManifestChunk = (item: unknown) => parseStored(manifestChunk, item);

const crc32Chunk = z.object({
  bytes: z.instanceof(Uint8Array),
  knownCount: wholeNumber,
});

/** CRC-32s as encodeCrc32Chunk writes them, and how many are known. Throws: BallError("ball-corrupt"). */
export const decodeCrc32Item = (item: unknown) => parseStored(crc32Chunk, item);

/** Throws: BallError("ball-corrupt"). */
export function parseStored<Schema extends z.ZodType>(schema: Schema, item: unknown): z.output<Schema> {
  const { success, data, error: cause } = schema.safeParse(item);
  if (success) return data;
  throw new BallError("ball-corrupt", "A stored item of a ball is not what was written", { cause });
}

/** DynamoDB has no value for what is not there: the attribute is left out. */
export function withoutUndefined(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

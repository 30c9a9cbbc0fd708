import { z } from "zod";

/**
 * BitPaket's words on the wire, for what is answered and described (the OpenAPI document is made of these). Names and
 * meanings are those of its public documentation.
 */

/** An envelope of BitPaket's around what was asked for. */
const success = <Data extends z.ZodType>(data: Data) => z.object({ success: z.literal(true), data });

export const createdBall = success(
  z.object({
    ball_id: z.uuidv4().meta({ description: "Whoever knows it may download the archive." }),
    urls: z.object({
      url: z.url().meta({ description: "Where the archive is, without a token." }),
      domains: z
        .array(z.object({ domain: z.string().meta({ description: "A host name." }), url: z.url() }))
        .meta({ description: "The same on custom domains." }),
    }),
  }),
).meta({
  id: "CreatedBall",
  description: "A ball that was made.",
});

const dateTime = z.iso.datetime();
const epochSeconds = z.int();

/** One version of an object. */
const describedObject = z
  .object({
    object_id: z.uuidv4().meta({ description: "Names this very version of the object." }),
    path: z.string(),
    properties: z.object({
      name: z.string().meta({ description: "The last segment of the path." }),
      size: z.int().nonnegative().meta({ description: "In bytes." }),
      size_pretty: z.string().meta({ description: "For people; 1 KB is 1,024 bytes." }),
      hash: z.string().meta({ description: "The object's ETag." }),
      hash_type: z.enum(["MD5", "ETAG"]).meta({
        description:
          "MD5: the hash has the form of an MD5, and is that of the content unless the object is encrypted with a " +
          "key of KMS or of its owner. ETAG: it only tells one content from another.",
      }),
      crc32: z
        .string()
        .regex(/^[0-9a-f]{8}$/)
        .nullable()
        .meta({ description: "CRC-32 of the content, where it is known." }),
      is_versioned: z.boolean().meta({ description: "Whether the bucket keeps versions of the object." }),
      version: z.int().positive().nullable().meta({
        description: "The how-manieth upload of its path this is, 1 the oldest; null without versions.",
      }),
      revision: z.string().meta({ description: "Leading digits of the hash that tell the version." }),
      created_on: dateTime.meta({ description: "When this version was uploaded." }),
      updated_on: dateTime.meta({ description: "The same: a version does not change." }),
      created_on_ts: epochSeconds.meta({ description: "`created_on` in seconds since 1970." }),
      updated_on_ts: epochSeconds.meta({ description: "`updated_on` in seconds since 1970." }),
    }),
  })
  .meta({ id: "ObjectVersion", description: "One version of an object." });

export const objectAnswer = success(describedObject).meta({ id: "ObjectAnswer" });

export const objectsAnswer = success(
  z.object({
    objects: z.array(describedObject).meta({ description: "Versions of the path, newest first." }),
    truncated: z.boolean().meta({
      description:
        "Whether there are older versions; ask for those `before` the version of the last one here.",
    }),
  }),
).meta({ id: "ObjectsAnswer", description: "What is known of a path." });

export const problemAnswer = z
  .object({
    success: z.literal(false),
    error: z.object({
      code: z.int().meta({ description: "10,000 and the HTTP status.", example: 10_404 }),
      message: z.string(),
      data: z.object({
        reason: z.string().optional().meta({
          description: "The code word of this service.",
          example: "source-not-found",
        }),
        at: z.string().optional().meta({
          description: "The place in the request.",
          example: "objects[17].path",
        }),
      }),
    }),
  })
  .meta({ id: "Problem", description: "An error, in BitPaket's form." });

export type CreatedBall = z.output<typeof createdBall>;
export type DescribedObject = z.output<typeof describedObject>;
export type ObjectAnswer = z.output<typeof objectAnswer>;
export type ObjectsAnswer = z.output<typeof objectsAnswer>;
export type ProblemAnswer = z.output<typeof problemAnswer>;

/** BitPaket's code of an error that is answered with this HTTP status: `10404`. */
export const numericCodeOf = (status: number): number => 10_000 + status;

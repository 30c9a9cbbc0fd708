import { z } from "zod";

/** CDK context keys of this stack begin with it, as in `cdk deploy -c zipball:stageName=dev`. */
const prefix = "zipball:";

/**
 * Lambda ends a streamed response at 200 MB, of which API Gateway's prelude (at most 16 KB) is a part. The
 * smaller reading of MB and a margin, so that no archive is cut at its end.
 *
 * Source: AWS Lambda developer guide, "Response streaming".
 */
const longestStreamBytes = 200_000_000 - 100_000;

/** The longest that a function runs. */
const longestRunSeconds = 15 * 60;

/** S3 signs links for a week at most. */
const longestLinkSeconds = 7 * 24 * 3600;

/** As much as lambdas/env.ts takes: API Gateway ends a buffered answer at 29 s. */
const longestHoldSeconds = 25;

const commaSeparated = z.string().transform((list) =>
  list
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== ""),
);

/** A key by its id, as IAM takes it: an alias is none. Keys of several regions have ids of their own kind. */
const kmsKeyArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
  );

const settings = z.strictObject({
  /** First segment of every URL of the API, until a custom domain maps it away. */
  stageName: z
    .string()
    .regex(/^[A-Za-z0-9_]{1,128}$/)
    .default("prod"),
  /** Base of the links in answers, no trailing slash; unset: the request's own domain and stage. */
  publicUrl: z.url({ protocol: /^https$/ }).optional(),
  /** Custom domains, each of which gets a link of its own in `urls.domains`. */
  domains: commaSeparated.pipe(z.array(z.hostname())).prefault(""),
  /** Existing buckets in the stack's region to read from; none: the stack makes one. */
  sourceBuckets: commaSeparated
    .pipe(z.array(z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)))
    .prefault(""),
  /** KMS keys with which objects in them are encrypted. */
  sourceKmsKeyArns: commaSeparated.pipe(z.array(kmsKeyArn)).prefault(""),
  /** KMS key with which archives are encrypted; unset: S3's own. */
  archivesKmsKeyArn: kmsKeyArn.optional(),
  /** How long a ball's link works, in seconds; unset: the functions' own default. */
  ballLifetimeSeconds: z.coerce.number().int().positive().optional(),
  /** How long a zip download's links work unless its download is begun, in seconds; unset: the functions' default. */
  zipDownloadStartSeconds: z.coerce.number().int().positive().optional(),
  /** How long they work from the beginning of its download, in seconds; unset: the functions' own default. */
  zipDownloadStatusSeconds: z.coerce.number().int().positive().optional(),
  /** Requests a token may make in one minute unless its item says otherwise; unset: the functions' own default. */
  requestsPerMinute: z.coerce.number().int().positive().optional(),
  /** How long a reader may take nothing before he is cut off, in seconds; unset: the function's own default. */
  clientIdleSeconds: z.coerce.number().int().positive().max(longestRunSeconds).optional(),
  /** Longest archive that one streamed response may carry, in bytes. */
  streamLimitBytes: z.coerce.number().int().positive().max(longestStreamBytes).default(longestStreamBytes),
  /** Most bytes of objects in one compressed ball; unset: the functions' own default. */
  compressedLimitBytes: z.coerce.number().int().positive().optional(),
  /** How long a link to an assembled archive works, in seconds; unset: the function's own default. */
  archiveLinkSeconds: z.coerce.number().int().positive().max(longestLinkSeconds).optional(),
  /** How long a request for an archive that is not ready is held, in seconds; unset: the function's own default. */
  holdSeconds: z.coerce.number().int().nonnegative().max(longestHoldSeconds).optional(),
  /** Workers that may assemble archives at a time. */
  assemblyConcurrency: z.coerce.number().int().min(2).max(1000).default(50),
  /** How HEAD leaves API Gateway (docs/adr/0003-head-and-304-under-streaming.md). */
  headMode: z.enum(["stream", "buffered"]).default("stream"),
  /** What becomes of tables, buckets and logs when the stack is deleted. A bucket that holds objects stays. */
  removal: z.enum(["retain", "destroy"]).default("retain"),
});

/** What may differ between two deployments, every key optional in the context. */
export type Settings = z.output<typeof settings>;

/**
 * The settings among all CDK context values: those under `zipball:`.
 * Throws: an Error naming every setting that is unknown or wrong.
 */
export function readSettings(context: Readonly<Record<string, unknown>>): Settings {
  const given = Object.entries(context)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value]);
  const result = settings.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${prefix}${issue.path.join(".")} ${issue.message}`);
  throw new Error(`The stack's settings are not usable. ${problems.join("; ")}`);
}

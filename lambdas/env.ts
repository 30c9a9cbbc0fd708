import { z } from "zod";

/**
 * The environment of every deployed function, one schema each, parsed once at cold start, so that a bad
 * deployment fails at its first start and not in somebody's request. The stack takes its variable names from
 * the same types (infra/function-plans.ts), so that the two cannot drift.
 */

const endpointUrl = z.url({ protocol: /^https?$/ });

/** Replaced endpoints, for the one-machine stack and foreign servers; in AWS all are unset. */
const endpoints = {
  S3_ENDPOINT: endpointUrl.optional(),
  DYNAMODB_ENDPOINT: endpointUrl.optional(),
};

/** The queue of assembly work. */
const assemblyQueue = {
  SQS_ENDPOINT: endpointUrl.optional(),
  ASSEMBLY_QUEUE_URL: z.url({ protocol: /^https?$/ }),
};

/** S3 bucket of assembled archives. */
const archivesBucket = z.string().min(1);

/** Base of this API's own links, no trailing slash; unset: the request context's domain and stage. */
const publicUrl = endpointUrl.transform((url) => url.replace(/\/+$/, "")).optional();

const tableName = z.string().min(1);

const seconds = z.coerce.number().int().positive();

/** How long links work where nobody set it otherwise, in seconds; the bucket of archives forgets by it. */
export const defaultLifetimes = {
  ballSeconds: 7 * 24 * 3600,
  zipDownloadStartSeconds: 60,
  zipDownloadStatusSeconds: 12 * 3600,
} as const;

/** Memory of a function, in MiB; Lambda sets it. Unset: enough. */
const memoryMib = z.coerce.number().int().positive().optional();

/** What every function needs that a caller with a token asks. */
const forCallers = {
  DYNAMODB_ENDPOINT: endpoints.DYNAMODB_ENDPOINT,
  /** DynamoDB table in which a token's requests are counted. */
  RATES_TABLE: tableName,
};

/** Custom domains, comma-separated host names; each gets a link of its own in `urls.domains`. */
const domains = z
  .string()
  .default("")
  .transform((list) =>
    list
      .split(",")
      .map((domain) => domain.trim())
      .filter((domain) => domain !== ""),
  );

const creationEnv = z.object({
  ...endpoints,
  ...forCallers,
  PUBLIC_URL: publicUrl,
  /** DynamoDB table of balls. */
  BALLS_TABLE: tableName,
  /** DynamoDB table of object versions and learned CRC-32s. */
  CATALOG_TABLE: tableName,
  /** Entries one ball may have. */
  MAX_ENTRIES: z.coerce.number().int().positive().default(100_000),
  /** Time that creating a ball may spend on learning CRC-32s, in milliseconds. */
  CRC_BUDGET_MS: z.coerce.number().int().nonnegative().default(10_000),
  ...assemblyQueue,
  /** Longest archive one streamed response can carry, in bytes: longer ones are assembled. Unset: no limit. */
  STREAM_LIMIT_BYTES: z.coerce.number().int().positive().optional(),
  /**
   * Most bytes of objects in one compressed ball: one worker compresses it, in one go, and of its 15 minutes keeps one and a
   * half. 8 GiB take 11 MB/s; a vCPU was measured to compress 27 (what does not get any shorter) to 70 MB/s (logs).
   */
  COMPRESSED_LIMIT_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(8 * 1024 ** 3),
});

const createBallEnv = creationEnv.extend({
  DOMAINS: domains,
  /** How long a ball's link works, in seconds. */
  BALL_LIFETIME_SECONDS: seconds.default(defaultLifetimes.ballSeconds),
});

const createZipDownloadEnv = creationEnv.extend({
  /** How long a zip download's links work unless its download is begun, in seconds. */
  ZIP_DOWNLOAD_START_SECONDS: seconds.default(defaultLifetimes.zipDownloadStartSeconds),
  /** How long they work from the beginning of its download, in seconds. */
  ZIP_DOWNLOAD_STATUS_SECONDS: seconds.default(defaultLifetimes.zipDownloadStatusSeconds),
});

const downloadEnv = z.object({
  ...endpoints,
  PUBLIC_URL: publicUrl,
  BALLS_TABLE: tableName,
  CATALOG_TABLE: tableName,
  /** How long a reader may take nothing before he is cut off, in seconds; at most a day. */
  CLIENT_IDLE_SECONDS: seconds.max(24 * 3600).default(60),
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryMib,
  ARCHIVES_BUCKET: archivesBucket,
  /** DynamoDB table in which held requests are counted. */
  RATES_TABLE: tableName,
  /** How long a link to an assembled archive works, in seconds; never longer than what signs it. */
  ARCHIVE_LINK_SECONDS: seconds.max(7 * 24 * 3600).default(3600),
  /** How long one request is held while its archive is assembled, in seconds; API Gateway ends it at 29 where it is buffered. */
  HOLD_SECONDS: z.coerce.number().int().nonnegative().max(25).default(20),
});

const assemblerEnv = z.object({
  ...endpoints,
  ...assemblyQueue,
  BALLS_TABLE: tableName,
  CATALOG_TABLE: tableName,
  ARCHIVES_BUCKET: archivesBucket,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryMib,
  /** Uploaded parts in memory at a time: with one less is needed, and nothing is filled while a part is sent. */
  PARTS_IN_MEMORY: z.coerce.number().int().positive().default(2),
});

const headDownloadEnv = z.object({
  DYNAMODB_ENDPOINT: endpoints.DYNAMODB_ENDPOINT,
  BALLS_TABLE: tableName,
});

const zipDownloadStatusEnv = z.object({ ...forCallers, BALLS_TABLE: tableName });

const metadataEnv = z.object({ ...endpoints, ...forCallers, CATALOG_TABLE: tableName });

const indexerEnv = z.object({ ...endpoints, CATALOG_TABLE: tableName });

const openapiEnv = z.object({ PUBLIC_URL: publicUrl });

const authorizerEnv = z.object({
  DYNAMODB_ENDPOINT: endpoints.DYNAMODB_ENDPOINT,
  /** DynamoDB table of bearer tokens. */
  TOKENS_TABLE: tableName,
  /** Requests a token may make in one minute, unless its item says otherwise. */
  REQUESTS_PER_MINUTE: z.coerce.number().int().positive().default(600),
});

/** What both functions that make balls need. */
export type CreationEnv = z.output<typeof creationEnv>;
export type CreateBallEnv = z.output<typeof createBallEnv>;
export type CreateZipDownloadEnv = z.output<typeof createZipDownloadEnv>;
export type DownloadEnv = z.output<typeof downloadEnv>;
export type AssemblerEnv = z.output<typeof assemblerEnv>;
export type HeadDownloadEnv = z.output<typeof headDownloadEnv>;
export type ZipDownloadStatusEnv = z.output<typeof zipDownloadStatusEnv>;
export type MetadataEnv = z.output<typeof metadataEnv>;
export type IndexerEnv = z.output<typeof indexerEnv>;
export type OpenapiEnv = z.output<typeof openapiEnv>;
export type AuthorizerEnv = z.output<typeof authorizerEnv>;

/** The variables each function reads, as text, for whoever starts one (the stack, the one-machine host). */
export type CreateBallVariables = z.input<typeof createBallEnv>;
export type CreateZipDownloadVariables = z.input<typeof createZipDownloadEnv>;
export type DownloadVariables = z.input<typeof downloadEnv>;
export type AssemblerVariables = z.input<typeof assemblerEnv>;
export type HeadDownloadVariables = z.input<typeof headDownloadEnv>;
export type ZipDownloadStatusVariables = z.input<typeof zipDownloadStatusEnv>;
export type MetadataVariables = z.input<typeof metadataEnv>;
export type IndexerVariables = z.input<typeof indexerEnv>;
export type OpenapiVariables = z.input<typeof openapiEnv>;
export type AuthorizerVariables = z.input<typeof authorizerEnv>;

type Variables = Record<string, string | undefined>;

/** Each throws an Error naming every variable that is missing or wrong. */
export const parseCreateBallEnv = (variables: Variables): CreateBallEnv => parse(createBallEnv, variables);
export const parseCreateZipDownloadEnv = (variables: Variables): CreateZipDownloadEnv =>
  parse(createZipDownloadEnv, variables);
export const parseDownloadEnv = (variables: Variables): DownloadEnv => parse(downloadEnv, variables);
export const parseAssemblerEnv = (variables: Variables): AssemblerEnv => parse(assemblerEnv, variables);
export const parseHeadDownloadEnv = (variables: Variables): HeadDownloadEnv =>
  parse(headDownloadEnv, variables);
export const parseZipDownloadStatusEnv = (variables: Variables): ZipDownloadStatusEnv =>
  parse(zipDownloadStatusEnv, variables);
export const parseMetadataEnv = (variables: Variables): MetadataEnv => parse(metadataEnv, variables);
export const parseIndexerEnv = (variables: Variables): IndexerEnv => parse(indexerEnv, variables);
export const parseOpenapiEnv = (variables: Variables): OpenapiEnv => parse(openapiEnv, variables);
export const parseAuthorizerEnv = (variables: Variables): AuthorizerEnv => parse(authorizerEnv, variables);

function parse<Schema extends z.ZodType>(schema: Schema, variables: Variables): z.output<Schema> {
  const present = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`The environment of this function is not usable. ${problems.join("; ")}`);
}

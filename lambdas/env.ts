import { z } from "zod";

/**
 * The environment of every deployed function, one schema each, parsed once at cold start, so that a bad
 * deployment fails at its first start and not in somebody's request. The stack takes its variable names from
 * the same types (infra/functions.ts), so that the two cannot drift.
 */

const endpointUrl = z.url({ protocol: /^https?$/ });

/** Replaced endpoints, for the one-machine stack and foreign servers; in AWS all are unset. */
const endpoints = {
  S3_ENDPOINT: endpointUrl.optional(),
  DYNAMODB_ENDPOINT: endpointUrl.optional(),
};

const createBallEnv = z.object({
  ...endpoints,
  /** DynamoDB table of balls. */
  BALLS_TABLE: z.string().min(1),
  /** Base of the links in answers, no trailing slash; unset: the request context's domain and stage. */
  PUBLIC_URL: endpointUrl.transform((url) => url.replace(/\/+$/, "")).optional(),
  /** Custom domains, comma-separated host names; each gets a link of its own in `urls.domains`. */
  DOMAINS: z
    .string()
    .default("")
    .transform((list) =>
      list
        .split(",")
        .map((domain) => domain.trim())
        .filter((domain) => domain !== ""),
    ),
  /** Entries one ball may have. */
  MAX_ENTRIES: z.coerce.number().int().positive().default(100_000),
  /** How long a ball's link works, in seconds. */
  BALL_LIFETIME_SECONDS: z.coerce
    .number()
    .int()
    .positive()
    .default(7 * 24 * 3600),
  /** Time that creating a ball may spend on learning CRC-32s, in milliseconds. */
  CRC_BUDGET_MS: z.coerce.number().int().nonnegative().default(10_000),
  /** Longest archive one streamed response can carry, in bytes; unset: no limit. */
  STREAM_LIMIT_BYTES: z.coerce.number().int().positive().optional(),
});

const downloadEnv = z.object({
  ...endpoints,
  BALLS_TABLE: z.string().min(1),
});

const authorizerEnv = z.object({
  DYNAMODB_ENDPOINT: endpoints.DYNAMODB_ENDPOINT,
  /** DynamoDB table of bearer tokens. */
  TOKENS_TABLE: z.string().min(1),
});

export type CreateBallEnv = z.output<typeof createBallEnv>;
export type DownloadEnv = z.output<typeof downloadEnv>;
export type AuthorizerEnv = z.output<typeof authorizerEnv>;

/** The variables each function reads, as text, for whoever starts one (the stack, the one-machine host). */
export type CreateBallVariables = z.input<typeof createBallEnv>;
export type DownloadVariables = z.input<typeof downloadEnv>;
export type AuthorizerVariables = z.input<typeof authorizerEnv>;

type Variables = Record<string, string | undefined>;

/** Throws: an Error naming every variable that is missing or wrong. */
export const parseCreateBallEnv = (variables: Variables): CreateBallEnv => parse(createBallEnv, variables);
/** Throws: an Error naming every variable that is missing or wrong. */
export const parseDownloadEnv = (variables: Variables): DownloadEnv => parse(downloadEnv, variables);
/** Throws: an Error naming every variable that is missing or wrong. */
export const parseAuthorizerEnv = (variables: Variables): AuthorizerEnv => parse(authorizerEnv, variables);

function parse<Schema extends z.ZodType>(schema: Schema, variables: Variables): z.output<Schema> {
  const present = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`The environment of this function is not usable. ${problems.join("; ")}`);
}

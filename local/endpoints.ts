import { z } from "zod";
import type { Secrets } from "./data-folder.ts";
import { StartProblem } from "./start-problem.ts";

/** Which servers the stack talks to, and as whom. An endpoint that is undefined is embedded. */
export interface Services {
  readonly s3Endpoint: string | undefined;
  readonly dynamodbEndpoint: string | undefined;
  readonly sqsEndpoint: string | undefined;
  readonly bucket: string;
  /** Where assembled archives are. */
  readonly archivesBucket: string;
  readonly region: string;
  readonly credentials: Credentials;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Reads from the environment which embedded servers are replaced. As soon as one is, the environment's AWS
 * credentials and region hold for all of them (the embedded ones take any); otherwise they are left alone, so
 * that nobody's real keys are used by chance.
 * Throws: StartProblem for an endpoint that is no URL, or for missing credentials.
 */
export function readServices(variables: Record<string, string | undefined>, secrets: Secrets): Services {
  const parsed = variablesSchema.safeParse(variables);
  if (!parsed.success) throw new StartProblem(problemOf(parsed.error));
  const { data } = parsed;
  const { accessKeyId, secretAccessKey } = secrets;
  const endpoints = {
    s3Endpoint: data.S3_ENDPOINT,
    dynamodbEndpoint: data.DYNAMODB_ENDPOINT,
    sqsEndpoint: data.SQS_ENDPOINT,
  };
  const isAnyReplaced = Object.values(endpoints).some((endpoint) => endpoint !== undefined);
  const bucket = data.S3_BUCKET ?? "zipball-demo";
  return {
    ...endpoints,
    bucket,
    archivesBucket: data.ARCHIVES_BUCKET ?? `${bucket}-archives`,
    region: (isAnyReplaced ? (data.AWS_REGION ?? data.AWS_DEFAULT_REGION) : undefined) ?? "us-east-1",
    credentials: isAnyReplaced ? credentialsOf(data) : { accessKeyId, secretAccessKey },
  };
}

function credentialsOf(data: Variables): Credentials {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = data;
  if (AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined) {
    throw new StartProblem(
      "S3_ENDPOINT, DYNAMODB_ENDPOINT and SQS_ENDPOINT need AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    );
  }
  const keys = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  return AWS_SESSION_TOKEN === undefined ? keys : { ...keys, sessionToken: AWS_SESSION_TOKEN };
}

function problemOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
}

/** A variable set to nothing counts as not set, as shells and compose files like it. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

const endpoint = optional(z.url({ protocol: /^https?$/, error: "must be an http or https URL" }));
const text = optional(z.string());

const variablesSchema = z.object({
  S3_ENDPOINT: endpoint,
  DYNAMODB_ENDPOINT: endpoint,
  SQS_ENDPOINT: endpoint,
  S3_BUCKET: text,
  ARCHIVES_BUCKET: text,
  AWS_REGION: text,
  AWS_DEFAULT_REGION: text,
  AWS_ACCESS_KEY_ID: text,
  AWS_SECRET_ACCESS_KEY: text,
  AWS_SESSION_TOKEN: text,
});

type Variables = z.output<typeof variablesSchema>;

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { IndexerVariables } from "../../lambdas/env.ts";
import { CommandProblem } from "./command-problem.ts";
import type { IndexOptions } from "./options.ts";

/** What is to be indexed, and the environment that leads there. */
export interface Target {
  readonly bucket: string;
  /** Over the environment of the process; undefined is to be unset. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** What `local.json` says of a one-machine stack (local/data-folder.ts), as far as it is needed here. */
const connection = z.object({
  s3: z.object({
    endpoint: z.string(),
    region: z.string(),
    bucket: z.string(),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
  }),
  dynamodb: z.object({ endpoint: z.string(), catalogTable: z.string() }),
});

type Variables = Readonly<Record<string, string | undefined>>;

/** Throws: CommandProblem when it is not said what is to be indexed, or where. */
export function findTarget({ bucket, dataDir }: IndexOptions, environment: Variables): Target {
  const isInAws = (environment.CATALOG_TABLE ?? "") !== "";
  const folder = dataDir ?? (!isInAws && existsSync(join("data", "local.json")) ? "data" : undefined);
  if (folder !== undefined) return targetIn(folder, bucket);
  if (!isInAws) {
    throw new CommandProblem(
      "Where is the catalog? Set CATALOG_TABLE to the stack's table (its output CatalogTable), or start the one-machine stack and name its data folder with --data",
    );
  }
  if (bucket === undefined) throw new CommandProblem("Which bucket? Name it with --bucket");
  return { bucket, variables: {} };
}

function targetIn(folder: string, bucket: string | undefined): Target {
  const { s3, dynamodb } = readConnection(join(folder, "local.json"));
  const variables: IndexerVariables = {
    S3_ENDPOINT: s3.endpoint,
    DYNAMODB_ENDPOINT: dynamodb.endpoint,
    CATALOG_TABLE: dynamodb.catalogTable,
  };
  return {
    bucket: bucket ?? s3.bucket,
    variables: {
      ...variables,
      AWS_REGION: s3.region,
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
      AWS_SESSION_TOKEN: undefined,
      // A profile of the machine's owner would win over the keys above.
      AWS_PROFILE: undefined,
    },
  };
}

function readConnection(file: string): z.output<typeof connection> {
  try {
    return connection.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new CommandProblem(`${file} does not lead to a one-machine stack: start one with npm start`, {
      cause: error,
    });
  }
}

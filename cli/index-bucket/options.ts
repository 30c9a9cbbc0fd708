import { parseArgs } from "node:util";
import { CommandProblem } from "./command-problem.ts";

export const usage = `Brings all versions of all objects of a bucket into Zipball's catalog.

  npm run index -- --bucket B [--prefix P] [--crc32] [--again] [--data DIR]

  --bucket B   the bucket; left out, it is that of the one-machine stack
  --prefix P   only objects whose keys begin with P
  --crc32      asks S3 for the CRC-32 of each version too: one request more for each
  --again      begins anew; otherwise it goes on where it was stopped
  --data DIR   data folder of a running one-machine stack. Taken from ./data when that has a stack and
               CATALOG_TABLE is not set

Without a one-machine stack: CATALOG_TABLE names the DynamoDB table (the stack's output CatalogTable), and region and
credentials come from where AWS's tools take them. S3_ENDPOINT and DYNAMODB_ENDPOINT name other servers.`;

export interface IndexOptions {
  readonly bucket: string | undefined;
  readonly prefix: string;
  readonly asksCrc32s: boolean;
  readonly startsAgain: boolean;
  readonly dataDir: string | undefined;
  readonly wantsHelp: boolean;
}

/** Throws: CommandProblem for arguments it does not have. */
export function parseOptions(args: readonly string[]): IndexOptions {
  const values = parse(args);
  return {
    bucket: values.bucket,
    prefix: values.prefix ?? "",
    asksCrc32s: values.crc32 ?? false,
    startsAgain: values.again ?? false,
    dataDir: values.data,
    wantsHelp: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        bucket: { type: "string" },
        prefix: { type: "string" },
        crc32: { type: "boolean" },
        again: { type: "boolean" },
        data: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandProblem(`${message}\n\n${usage}`, { cause: error });
  }
}

import { indexListing } from "../../lambdas/catalog/index-listing.ts";
import { learnToldCrc32 } from "../../lambdas/catalog/learn-told-crc32.ts";
import type { IndexerEnv } from "../../lambdas/env.ts";
import { createCatalogStore } from "../../lambdas/storage/dynamodb/catalog-store.ts";
import { createDynamoDbClient } from "../../lambdas/storage/dynamodb/client.ts";
import { createIndexCheckpoint } from "../../lambdas/storage/dynamodb/index-checkpoint.ts";
import { createKnownContents } from "../../lambdas/storage/dynamodb/known-contents.ts";
import { createS3Client } from "../../lambdas/storage/s3/client.ts";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { createVersionLister } from "../../lambdas/storage/s3/version-lister.ts";
import type { Progress } from "./progress.ts";

export interface IndexRun {
  readonly env: IndexerEnv;
  readonly bucket: string;
  readonly prefix: string;
  readonly asksCrc32s: boolean;
  readonly startsAgain: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Indexes a bucket, or goes on where it was stopped the last time. Answers whether all of it is done.
 * Throws: what S3 or DynamoDB failed with; the same run goes on from there.
 */
export async function runIndex(run: IndexRun): Promise<boolean> {
  const { env, bucket, prefix, progress, signal } = run;
  const s3 = createS3Client(env.S3_ENDPOINT);
  const dynamoDb = createDynamoDbClient(env.DYNAMODB_ENDPOINT);
  const learning = {
    reader: createSourceReader(s3),
    contents: createKnownContents(dynamoDb, env.CATALOG_TABLE),
  };
  const work = run.asksCrc32s ? "versions and CRC-32s" : "versions";
  const checkpoint = createIndexCheckpoint(dynamoDb, env.CATALOG_TABLE, { bucket, prefix, work });
  const after = run.startsAgain ? undefined : await checkpoint.read();
  progress.start(after);
  let isDone = false;
  try {
    const pages = indexListing({
      store: createCatalogStore(dynamoDb, env.CATALOG_TABLE),
      lister: createVersionLister(s3),
      ...{ bucket, prefix, after, signal },
      forEach: async (version) => {
        if (run.asksCrc32s) await learnToldCrc32(learning, bucket, version);
      },
    });
    for await (const page of pages) {
      progress.advance(page);
      await checkpoint.write(page.lastKey);
    }
    isDone = !signal.aborted;
    if (isDone) await checkpoint.remove();
    return isDone;
  } finally {
    progress.stop(isDone);
    s3.destroy();
    dynamoDb.destroy();
  }
}

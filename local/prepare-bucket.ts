import { S3Client } from "@aws-sdk/client-s3";
import { createBucket, tellEventBridge } from "./bucket.ts";
import type { Services } from "./endpoints.ts";
import type { Progress } from "./fill-bucket/progress.ts";
import { putSample } from "./fill-bucket/sample.ts";
import { uploadFolder } from "./fill-bucket/upload-folder.ts";
import { foreignProblem } from "./start-problem.ts";

export interface BucketPreparation {
  readonly services: Services;
  readonly endpoint: string;
  /** Absolute path of the folder whose files go in; undefined: a sample. */
  readonly folder: string | undefined;
  /** Absolute path of a folder that does not. */
  readonly except: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Creates the buckets of objects and of archives where they are absent, and fills the first. That of the embedded S3 tells EventBridge of its changes from the
 * beginning; what another S3 tells whom is for its owner to say.
 * Throws: StartProblem when an S3 that is not embedded does not do as asked.
 */
export async function prepareBucket(options: BucketPreparation): Promise<void> {
  const { services, endpoint, folder, except, progress, signal } = options;
  const { region, credentials, bucket, archivesBucket, s3Endpoint } = services;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  try {
    await createBucket(client, bucket);
    await createBucket(client, archivesBucket);
    if (s3Endpoint === undefined) await tellEventBridge(client, bucket);
    if (folder === undefined) await putSample(client, bucket);
    else await uploadFolder({ client, bucket, folder, except, progress, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw s3Endpoint === undefined ? error : foreignProblem("S3", endpoint, error);
  } finally {
    client.destroy();
  }
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import { type LocalS3, type LocalS3Options, startLocalS3 } from "../../../local/s3/server.ts";

export const region = "eu-west-3";
export const credentials = { accessKeyId: "local", secretAccessKey: "very secret" };

/** An empty directory that is gone when the test is over. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "local-s3-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A server of its own for one test, stopped when the test is over. */
export async function startServer(options: Partial<LocalS3Options> = {}): Promise<LocalS3> {
  const dataDir = options.dataDir ?? temporaryDirectory();
  const server = await startLocalS3({ dataDir, port: 0, region, credentials: [credentials], ...options });
  onTestFinished(() => server.close());
  return server;
}

export function clientOf({ endpoint }: LocalS3): S3Client {
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

export async function createBucket(server: LocalS3, Bucket: string): Promise<void> {
  const CreateBucketConfiguration = { LocationConstraint: region } as const;
  await clientOf(server).send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
}

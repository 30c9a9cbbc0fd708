import {
  CreateBucketCommand,
  HeadBucketCommand,
  NotFound,
  PutBucketNotificationConfigurationCommand,
  type S3Client,
} from "@aws-sdk/client-s3";

/** Creates the bucket if it is absent. Throws: what the server says when it lets nobody look or create. */
export async function createBucket(client: S3Client, bucket: string): Promise<void> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  }
}

/** Has the bucket's changes told to EventBridge, and to nobody else. */
export async function tellEventBridge(client: S3Client, bucket: string): Promise<void> {
  const NotificationConfiguration = { EventBridgeConfiguration: {} };
  await client.send(
    new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration }),
  );
}

import { PutBucketNotificationConfigurationCommand } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { vi } from "vitest";
import type { StackOptions } from "../../local/stack.ts";
import { countsIn } from "../local/events/test-queue.ts";
import { startTestStack, type TestStack } from "./test-stack.ts";

/** A stack that is told of no uploads: what is learned of them, balls and downloads learn. */
export async function startQuietStack(options: Partial<StackOptions> = {}): Promise<TestStack> {
  const stack = await startTestStack(options);
  const { s3, bucket: Bucket } = stack;
  const NotificationConfiguration = {};
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  await indexed(stack);
  return stack;
}

/** Resolves when all that the stack was told of before is in the catalog. */
async function indexed({ sqs, credentials }: TestStack): Promise<void> {
  const { endpoint, objectEventsQueueUrl: url } = sqs;
  const client = new SQSClient({ endpoint, region: "us-east-1", credentials });
  await vi.waitFor(
    async () => {
      const counts = await countsIn({ client, url });
      if (counts.some((count) => count > 0)) throw new Error(`Messages are waiting: ${counts}`);
    },
    { timeout: 20_000 },
  );
  client.destroy();
}

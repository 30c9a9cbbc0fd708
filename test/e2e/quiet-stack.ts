import { PutBucketNotificationConfigurationCommand } from "@aws-sdk/client-s3";
import type { StackOptions } from "../../local/stack.ts";
import { startTestStack, type TestStack } from "./test-stack.ts";

/** A stack that is told of no uploads: what is learned of them, balls and downloads learn. */
export async function startQuietStack(options: Partial<StackOptions> = {}): Promise<TestStack> {
  const stack = await startTestStack(options);
  const { s3, bucket: Bucket } = stack;
  const NotificationConfiguration = {};
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  return stack;
}

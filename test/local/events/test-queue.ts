import { DeleteQueueCommand, GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { onTestFinished } from "vitest";
import {
  objectEventsQueue,
  openQueue,
  type Queue,
  type QueueDefinition,
} from "../../../local/events/queue.ts";
import { startLocalSqs } from "../../../local/sqs.ts";

export const region = "eu-west-3";

/** A queue, that of object events by default, on an SQS of its own; what is received is invisible for so long. */
export async function testQueue(
  visibilityTimeoutSeconds = 30,
  likeThis: QueueDefinition = objectEventsQueue,
): Promise<Queue> {
  const sqs = await startLocalSqs({ region, port: 0 });
  onTestFinished(() => sqs.close());
  const credentials = { accessKeyId: "local", secretAccessKey: "secret" };
  const services = { s3Endpoint: undefined, dynamodbEndpoint: undefined, sqsEndpoint: undefined };
  const named = { ...services, bucket: "b", archivesBucket: "a", region, credentials };
  const definition = { ...likeThis, visibilityTimeoutSeconds };
  const queue = await openQueue(named, sqs.endpoint, definition);
  onTestFinished(() => queue.client.destroy());
  return queue;
}

/** How many messages are in a queue: visible ones, and those that somebody has received. */
export async function countsIn({ client, url }: Pick<Queue, "client" | "url">): Promise<number[]> {
  const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] });
  const { Attributes = {} } = await client.send(command);
  return names.map((name) => Number(Attributes[name]));
}

/** Takes a queue away, as if its server had lost it. */
export async function loseQueue({ client, url }: Queue): Promise<void> {
  await client.send(new DeleteQueueCommand({ QueueUrl: url }));
}

import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { Services } from "../endpoints.ts";
import { foreignProblem } from "../start-problem.ts";

/** A queue as it is made where it is missing, as infra/ makes it in AWS. */
export interface QueueDefinition {
  /** Its dead-letter queue has the same name with `-dead` behind it. */
  readonly name: string;
  /** What was received so often without being deleted goes to the dead-letter queue. */
  readonly mostReceives: number;
  /** How long what was received is not given to others. */
  readonly visibilityTimeoutSeconds: number;
}

/** Where the bucket's events wait for the indexer. */
export const objectEventsQueue: QueueDefinition = {
  name: "zipball-object-events",
  mostReceives: 5,
  visibilityTimeoutSeconds: 30,
};

/** Where work waits for the assembler. */
export const assemblyQueue: QueueDefinition = {
  name: "zipball-assembly",
  mostReceives: 6,
  visibilityTimeoutSeconds: 90,
};

export interface Queue {
  readonly client: SQSClient;
  readonly url: string;
  readonly arn: string;
  /** Where those messages wait that were received too often. */
  readonly deadLettersUrl: string;
}

/**
 * Opens a queue, made with its dead-letter queue where it is missing. Whoever opened it destroys its client.
 * Throws: StartProblem when an SQS that is not embedded does not do as asked.
 */
export async function openQueue(
  services: Services,
  endpoint: string,
  definition: QueueDefinition,
): Promise<Queue> {
  const { region, credentials, sqsEndpoint } = services;
  const { name, mostReceives, visibilityTimeoutSeconds } = definition;
  const client = new SQSClient({ endpoint, region, credentials });
  try {
    const dead = await findOrCreate(client, `${name}-dead`, {});
    const redrive = { deadLetterTargetArn: dead.arn, maxReceiveCount: mostReceives };
    const queue = await findOrCreate(client, name, {
      RedrivePolicy: JSON.stringify(redrive),
      VisibilityTimeout: String(visibilityTimeoutSeconds),
    });
    return { client, ...queue, deadLettersUrl: dead.url };
  } catch (error) {
    client.destroy();
    throw sqsEndpoint === undefined ? error : foreignProblem("SQS", endpoint, error);
  }
}

type Attributes = Partial<Record<"RedrivePolicy" | "VisibilityTimeout", string>>;

/** One that is there is taken as it is: its owner may have set it otherwise. */
async function findOrCreate(client: SQSClient, QueueName: string, attributes: Attributes) {
  const url = (await find(client, QueueName)) ?? (await create(client, QueueName, attributes));
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] });
  const arn = (await client.send(command)).Attributes?.QueueArn;
  if (url === undefined || arn === undefined) throw new Error(`SQS does not say where queue ${QueueName} is`);
  return { url, arn };
}

async function find(client: SQSClient, QueueName: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
  } catch (error) {
    if (error instanceof QueueDoesNotExist) return undefined;
    throw error;
  }
}

async function create(client: SQSClient, QueueName: string, Attributes: Attributes) {
  return (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl;
}

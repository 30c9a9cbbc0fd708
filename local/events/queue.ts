import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { Services } from "../endpoints.ts";
import { foreignProblem } from "../start-problem.ts";

/** Where the bucket's events wait for the indexer, as they do in AWS. */
const objectEventsQueue = "zipball-object-events";
/** Where those go that the indexer failed on again and again. */
const deadLetterQueue = "zipball-object-events-dead";

export interface Queue {
  readonly client: SQSClient;
  readonly url: string;
  readonly arn: string;
}

/**
 * Opens the queue of object events, made with its dead-letter queue where it is missing. Whoever opened it destroys
 * its client.
 * Throws: StartProblem when an SQS that is not embedded does not do as asked.
 */
export async function openQueue(services: Services, endpoint: string): Promise<Queue> {
  const { region, credentials, sqsEndpoint } = services;
  const client = new SQSClient({ endpoint, region, credentials });
  try {
    const dead = await findOrCreate(client, deadLetterQueue, {});
    const redrive = { deadLetterTargetArn: dead.arn, maxReceiveCount: mostReceives };
    const queue = await findOrCreate(client, objectEventsQueue, { RedrivePolicy: JSON.stringify(redrive) });
    return { client, ...queue };
  } catch (error) {
    client.destroy();
    throw sqsEndpoint === undefined ? error : foreignProblem("SQS", endpoint, error);
  }
}

type Attributes = Partial<Record<"RedrivePolicy", string>>;

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

const mostReceives = 5;

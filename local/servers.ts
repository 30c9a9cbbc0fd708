import { join } from "node:path";
import { startLocalDynamodb } from "./dynamodb.ts";
import type { EmbeddedServer, OnClose } from "./embedded-server.ts";
import type { Services } from "./endpoints.ts";
import {
  assemblyQueue,
  objectEventsQueue,
  openQueue,
  type Queue,
  type QueueDefinition,
} from "./events/queue.ts";
import { eventSender } from "./events/send-events.ts";
import { startNear } from "./loopback.ts";
import { startLocalS3 } from "./s3/server.ts";
import { startLocalSqs } from "./sqs.ts";

/** Where each service answers, embedded or not. */
export interface Endpoints {
  readonly s3: string;
  readonly dynamodb: string;
  readonly sqs: string;
  /** Where the events of the bucket go. */
  readonly objectEvents: Queue;
  /** Where the work of the assembler goes. */
  readonly assembly: Queue;
}

export interface ServersOptions {
  readonly dataDir: string;
  /** S3 wishes for this port, the others for the next ones; 0: free ones. */
  readonly firstPort: number;
  readonly services: Services;
  readonly onClose: OnClose;
}

/**
 * Starts the embedded servers that the environment does not replace, and opens the queues. The events of an embedded S3
 * go to theirs, whoever serves it.
 */
export async function startServers(options: ServersOptions): Promise<Endpoints> {
  const { dataDir, firstPort, services } = options;
  const { region, credentials } = services;
  const portAt = (index: number) => (firstPort === 0 ? 0 : firstPort + index);
  const embed = async (wished: number, start: (port: number) => Promise<EmbeddedServer>) => {
    const server = await startNear(wished, start);
    options.onClose(() => server.close());
    return server.endpoint;
  };
  const dynamodb = (port: number) => startLocalDynamodb({ folder: join(dataDir, "dynamodb"), port });
  const sqs = (port: number) => startLocalSqs({ region, port });
  const sqsEndpoint = services.sqsEndpoint ?? (await embed(portAt(2), sqs));
  const open = async (definition: QueueDefinition) => {
    const queue = await openQueue(services, sqsEndpoint, definition);
    options.onClose(() => queue.client.destroy());
    return queue;
  };
  const objectEvents = await open(objectEventsQueue);
  const s3 = (port: number) =>
    startLocalS3({
      dataDir: join(dataDir, "s3"),
      port,
      region,
      credentials: [credentials],
      deliverEvents: eventSender(objectEvents),
    });
  return {
    s3: services.s3Endpoint ?? (await embed(portAt(0), s3)),
    dynamodb: services.dynamodbEndpoint ?? (await embed(portAt(1), dynamodb)),
    sqs: sqsEndpoint,
    objectEvents,
    assembly: await open(assemblyQueue),
  };
}

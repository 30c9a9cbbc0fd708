import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

interface QueueOptions {
  /** How long a message is nobody else's once somebody has it. */
  readonly visibilityTimeout: Duration;
  /** How often a message is given out before it goes to the dead-letter queue. */
  readonly mostReceives: number;
}

/** A queue, and the one behind it where messages wait with which nobody could do anything. */
export interface Queues {
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

/** Makes both in `scope`, encrypted at rest and reached by TLS only. */
export function makeQueues(scope: Construct, { visibilityTimeout, mostReceives }: QueueOptions): Queues {
  const deadLetters = new Queue(scope, "DeadLetters", {
    ...queueDefaults,
    // The longest SQS keeps a message: time to see the alarm and to put them back (docs/deploy.md).
    retentionPeriod: Duration.days(14),
  });
  const queue = new Queue(scope, "Queue", {
    ...queueDefaults,
    visibilityTimeout,
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: mostReceives },
  });
  return { queue, deadLetters };
}

const queueDefaults = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true } as const;

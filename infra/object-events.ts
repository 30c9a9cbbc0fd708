import { Duration } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { raiseAlarmOnDeadLetters } from "./alarms.ts";
import { indexerTimeout } from "./function-plans.ts";
import { makeQueues } from "./queues.ts";
import type { SourceBucket } from "./storage.ts";

interface ObjectEventsProps {
  readonly buckets: readonly SourceBucket[];
  readonly indexer: IFunction;
}

/**
 * Uploads, on their way into the catalog: S3 tells EventBridge, a rule puts it into a queue, the queue calls
 * the indexer. Events may come twice, late and in any order; one that fails five times waits in the dead-letter queue.
 */
export class ObjectEvents extends Construct {
  readonly queue: Queue;
  /** Where events wait that could not be indexed. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { buckets, indexer }: ObjectEventsProps) {
    super(scope, id);
    const { queue, deadLetters } = makeQueues(this, {
      // As AWS asks: six times the function's timeout, and the window in which a batch is gathered.
      visibilityTimeout: Duration.seconds(6 * indexerTimeout.toSeconds() + batchingWindow.toSeconds()),
      mostReceives: 5,
    });
    this.queue = queue;
    this.deadLetters = deadLetters;
    new Rule(this, "Rule", {
      description: "Uploads into Zipball's source buckets",
      eventPattern: {
        source: ["aws.s3"],
        // Not "Object Deleted": what the catalog knows of a version stays.
        detailType: ["Object Created"],
        detail: { bucket: { name: buckets.map((bucket) => bucket.name) } },
      },
      // Its queue policy lets this rule send and nobody else.
      targets: [new SqsQueue(this.queue)],
    });
    indexer.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: 100,
        maxBatchingWindow: batchingWindow,
        reportBatchItemFailures: true,
        // A flood of uploads waits in the queue rather than take the account's concurrency from downloads.
        maxConcurrency: 10,
      }),
    );
    raiseAlarmOnDeadLetters(this, deadLetters, {
      what: "Object events could not be indexed",
      section: "Object events",
    });
  }
}

const batchingWindow = Duration.seconds(5);

import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { indexerTimeout } from "./function-plans.ts";
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
    this.deadLetters = new Queue(this, "DeadLetters", {
      ...queueDefaults,
      // The longest SQS keeps a message: time to see the alarm and to put them back (docs/deploy.md).
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, "Queue", {
      ...queueDefaults,
      // As AWS asks: six times the function's timeout, and the window in which a batch is gathered.
      visibilityTimeout: Duration.seconds(6 * indexerTimeout.toSeconds() + batchingWindow.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });
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
    this.addAlarm();
  }

  private addAlarm(): void {
    new Alarm(this, "DeadLettersAlarm", {
      alarmDescription: "Object events could not be indexed: docs/deploy.md, Object events",
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5) }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

const queueDefaults = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true } as const;

const batchingWindow = Duration.seconds(5);

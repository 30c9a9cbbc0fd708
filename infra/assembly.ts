import { Duration, Stack } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { FilterPattern, type ILogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { alarmPeriod, raiseAlarm, raiseAlarmOnDeadLetters } from "./alarms.ts";
import { makeQueues } from "./queues.ts";

interface Workers {
  readonly assembler: LambdaFunction;
  /** How many of them may be at work at a time. */
  readonly concurrency: number;
}

/**
 * Work on archives, on its way to those who do it: who makes a ball puts its beginning into the queue, the queue calls
 * the assembler, and the assembler puts the rest into it, piece by piece.
 */
export class Assembly extends Construct {
  readonly queue: Queue;
  /** Where work waits that failed again and again; its archive is given up by then. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { queue, deadLetters } = makeQueues(this, {
      // Lambda asks for no less than the function's timeout. Not six times that, as AWS advises for batches: what a worker
      // left that was killed would lie for an hour and a half.
      visibilityTimeout: assemblerTimeout.plus(Duration.minutes(1)),
      mostReceives,
    });
    this.queue = queue;
    this.deadLetters = deadLetters;
  }

  /** Lets the queue call the assembler, and raises an alarm where work does not get on. */
  startWorkers({ assembler, concurrency }: Workers): void {
    assembler.addEventSource(
      new SqsEventSource(this.queue, {
        // A piece of work may take all the time that a function has.
        batchSize: 1,
        reportBatchItemFailures: true,
        maxConcurrency: concurrency,
      }),
    );
    this.addAlarms(assembler.logGroup);
  }

  private addAlarms(logGroup: ILogGroup): void {
    raiseAlarmOnDeadLetters(this, this.deadLetters, {
      what: "Archives could not be assembled",
      section: "Archives that failed",
    });
    raiseAlarm(this, "WaitingAlarm", {
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period: alarmPeriod }),
      threshold: longestWait.toSeconds(),
      what: "Work on archives has been waiting for half an hour",
      section: "Work that waits",
    });
    raiseAlarm(this, "StallsAlarm", {
      metric: this.countStalls(logGroup),
      threshold: 1,
      what: "An assembly is handed on from worker to worker and does not get on",
      section: "Assemblies that stall",
    });
  }

  private countStalls(logGroup: ILogGroup): Metric {
    // Metrics belong to the account: the stack's name tells those of two stacks apart.
    const metric = { metricNamespace: Stack.of(this).stackName, metricName: "AssemblyStalls" };
    new MetricFilter(this, "Stalls", {
      ...metric,
      logGroup,
      filterPattern: FilterPattern.stringValue("$.message", "=", stallMessage),
      metricValue: "1",
    });
    return new Metric({
      namespace: metric.metricNamespace,
      metricName: metric.metricName,
      statistic: "Sum",
      period: alarmPeriod,
    });
  }
}

/** The longest that a function runs; a worker hands on what it can not finish. */
export const assemblerTimeout = Duration.minutes(15);

/**
 * How often a piece of work is given out: as often as a worker tries it (lambdas/assembly), and once more, to give the
 * archive up where the last one was killed.
 */
export const mostReceives = 6;

/** What the assembler logs of work that it hands on without having got on with it. */
export const stallMessage = "An assembly stalls";

/** Twice what one worker may take. */
const longestWait = Duration.minutes(30);

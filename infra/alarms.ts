import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

interface AlarmPlan {
  readonly metric: IMetric;
  /** The least value it goes off at. */
  readonly threshold: number;
  /** What has happened. */
  readonly what: string;
  /** Heading in docs/deploy.md that says what to do. */
  readonly section: string;
}

/** Goes off by one period with such a value; no value is a good one. */
export function raiseAlarm(
  scope: Construct,
  id: string,
  { metric, threshold, what, section }: AlarmPlan,
): void {
  new Alarm(scope, id, {
    alarmDescription: `${what}: docs/deploy.md, ${section}`,
    metric,
    threshold,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}

/** Period of the metrics that alarms look at. */
export const alarmPeriod = Duration.minutes(5);

/** Goes off as soon as one message waits in the dead-letter queue. */
export const raiseAlarmOnDeadLetters = (
  scope: Construct,
  deadLetters: IQueue,
  told: Pick<AlarmPlan, "what" | "section">,
): void =>
  raiseAlarm(scope, "DeadLettersAlarm", {
    ...told,
    metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period: alarmPeriod }),
    threshold: 1,
  });

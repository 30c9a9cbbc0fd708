import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { resourcesOf, synthesise } from "./synthesise.ts";

const arnOf = (id: string) => ({ "Fn::GetAtt": [Match.stringLikeRegexp(`^${id}`), "Arn"] });

describe("object events", () => {
  let template: Template;
  beforeAll(() => {
    template = synthesise();
  });

  const eventsOf = (names: readonly unknown[]) => ({
    EventPattern: {
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: { bucket: { name: names } },
    },
    State: "ENABLED",
    Targets: [Match.objectLike({ Arn: arnOf("ObjectEventsQueue") })],
  });

  it("of uploads into the stack's bucket, and of no other, go into the queue as they are", () => {
    template.resourceCountIs("AWS::Events::Rule", 1);
    template.hasResourceProperties(
      "AWS::Events::Rule",
      eventsOf([{ Ref: Match.stringLikeRegexp("^StorageSource") }]),
    );
  });

  it("of existing buckets go the same way", () => {
    synthesise({ sourceBuckets: "films,photos" }).hasResourceProperties(
      "AWS::Events::Rule",
      eventsOf(["films", "photos"]),
    );
  });

  it("call the indexer in batches, of which it may give back what failed, ten batches at once", () => {
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: arnOf("ObjectEventsQueue"),
      FunctionName: { Ref: Match.stringLikeRegexp("^FunctionsIndexerFunction") },
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 5,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 10 },
    });
  });

  it("wait two weeks in the dead-letter queue after five failures", () => {
    template.hasResourceProperties("AWS::SQS::Queue", {
      RedrivePolicy: { deadLetterTargetArn: arnOf("ObjectEventsDeadLetters"), maxReceiveCount: 5 },
    });
    template.hasResourceProperties("AWS::SQS::Queue", {
      RedrivePolicy: Match.absent(),
      MessageRetentionPeriod: 14 * 24 * 3600,
    });
  });

  it("are not handed out again while a batch may still be at work", () => {
    const [queue] = resourcesOf(template, "AWS::SQS::Queue")
      .filter(({ id }) => id.startsWith("ObjectEventsQueue"))
      .map(({ properties }) => z.object({ VisibilityTimeout: z.number() }).parse(properties));
    const [indexer] = resourcesOf(template, "AWS::Lambda::Function")
      .filter(({ id }) => id.startsWith("FunctionsIndexer"))
      .map(({ properties }) => z.object({ Timeout: z.number() }).parse(properties));
    expect(queue?.VisibilityTimeout).toBeGreaterThanOrEqual(6 * (indexer?.Timeout ?? Number.NaN) + 5);
  });

  it("are encrypted at rest and travel by TLS only", () => {
    template.allResourcesProperties("AWS::SQS::Queue", { SqsManagedSseEnabled: true });
    const closed = {
      Effect: "Deny",
      Action: "sqs:*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    };
    template.allResourcesProperties("AWS::SQS::QueuePolicy", {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike(closed)]) },
    });
    template.resourceCountIs("AWS::SQS::QueuePolicy", 4);
  });

  it("come from the rule only: nobody else may send, and nobody may send to the dead-letter queue", () => {
    const statements = resourcesOf(template, "AWS::SQS::QueuePolicy").flatMap(({ properties }) => {
      const { PolicyDocument } = queuePolicy.parse(properties);
      return PolicyDocument.Statement.filter(({ Effect }) => Effect === "Allow");
    });
    expect(statements).toEqual([
      expect.objectContaining({
        Action: ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"],
        Principal: { Service: "events.amazonaws.com" },
        Condition: {
          ArnEquals: {
            "aws:SourceArn": { "Fn::GetAtt": [expect.stringMatching(/^ObjectEventsRule/), "Arn"] },
          },
        },
      }),
    ]);
  });

  it("raise an alarm as soon as one waits in the dead-letter queue", () => {
    template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      MetricName: "ApproximateNumberOfMessagesVisible",
      Dimensions: [
        {
          Name: "QueueName",
          Value: { "Fn::GetAtt": [Match.stringLikeRegexp("^ObjectEventsDeadLetters"), "QueueName"] },
        },
      ],
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
    });
  });
});

const queuePolicy = z.object({
  PolicyDocument: z.object({ Statement: z.array(z.looseObject({ Effect: z.string() })) }),
});

import { readFileSync } from "node:fs";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { mostReceives, stallMessage } from "../../infra/assembly.ts";
import { mostTries } from "../../lambdas/assembly/bury-assembly.ts";
import { assemblyQueue } from "../../local/events/queue.ts";
import { resourcesOf, synthesise } from "./synthesise.ts";

const idOf = (id: string) => Match.stringLikeRegexp(`^${id}`);
const arnOf = (id: string) => ({ "Fn::GetAtt": [idOf(id), "Arn"] });

const timed = z.object({ VisibilityTimeout: z.number().optional(), Timeout: z.number().optional() });

describe("work on archives", () => {
  let template: Template;
  beforeAll(() => {
    template = synthesise();
  });

  const timesOf = (type: string, idPrefix: string) =>
    timed.parse(resourcesOf(template, type).find(({ id }) => id.startsWith(idPrefix))?.properties);

  it("calls the assembler piece by piece, and may be given back", () => {
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: arnOf("AssemblyQueue"),
      FunctionName: { Ref: idOf("FunctionsAssemblerFunction") },
      BatchSize: 1,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 50 },
    });
  });

  it("is done by as many workers as the settings allow", () => {
    synthesise({ assemblyConcurrency: 7 }).hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: arnOf("AssemblyQueue"),
      ScalingConfig: { MaximumConcurrency: 7 },
    });
  });

  it("waits two weeks in the dead-letter queue once it was given out six times", () => {
    template.hasResourceProperties("AWS::SQS::Queue", {
      RedrivePolicy: { deadLetterTargetArn: arnOf("AssemblyDeadLetters"), maxReceiveCount: 6 },
    });
    const [deadLetters] = resourcesOf(template, "AWS::SQS::Queue").filter(({ id }) =>
      id.startsWith("AssemblyDeadLetters"),
    );
    expect(deadLetters?.properties).toMatchObject({ MessageRetentionPeriod: 14 * 24 * 3600 });
  });

  it("is given out once more than the assembler tries it, so that work whose worker was killed is given up, too", () => {
    expect([mostReceives, assemblyQueue.mostReceives]).toEqual([mostTries + 1, mostTries + 1]);
  });

  it("is not handed out again while a worker may still be at it, and soon after one was killed", () => {
    const { VisibilityTimeout = Number.NaN } = timesOf("AWS::SQS::Queue", "AssemblyQueue");
    const { Timeout = Number.NaN } = timesOf("AWS::Lambda::Function", "FunctionsAssembler");
    expect(VisibilityTimeout).toBeGreaterThan(Timeout);
    expect(VisibilityTimeout).toBeLessThanOrEqual(Timeout + 60);
  });

  describe("raises an alarm", () => {
    const alarmOn = (metric: Record<string, unknown>) =>
      template.hasResourceProperties("AWS::CloudWatch::Alarm", {
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        EvaluationPeriods: 1,
        Period: 300,
        TreatMissingData: "notBreaching",
        ...metric,
      });
    const ofQueue = (id: string) => ({
      Namespace: "AWS/SQS",
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": [idOf(id), "QueueName"] } }],
    });

    it("as soon as some was given up", () => {
      alarmOn({
        ...ofQueue("AssemblyDeadLetters"),
        MetricName: "ApproximateNumberOfMessagesVisible",
        Threshold: 1,
      });
    });

    it("when some has been waiting for half an hour", () => {
      alarmOn({
        ...ofQueue("AssemblyQueue"),
        MetricName: "ApproximateAgeOfOldestMessage",
        Statistic: "Maximum",
        Threshold: 1800,
      });
    });

    it("when a worker says that an assembly stalls", () => {
      const metric = { MetricName: "AssemblyStalls" };
      template.hasResourceProperties("AWS::Logs::MetricFilter", {
        LogGroupName: { Ref: idOf("FunctionsAssemblerLog") },
        FilterPattern: `{ $.message = "${stallMessage}" }`,
        MetricTransformations: [{ ...metric, MetricNamespace: "Zipball", MetricValue: "1" }],
      });
      alarmOn({ ...metric, Namespace: "Zipball", Statistic: "Sum", Threshold: 1 });
    });
  });
});

describe("every alarm", () => {
  const guide = readFileSync(new URL("../../docs/deploy.md", import.meta.url), "utf8");
  const headings = [...guide.matchAll(/^##+ (.+)$/gm)].map(([, heading]) => heading);
  const described = z.object({ AlarmDescription: z.string() });
  const descriptions = resourcesOf(synthesise(), "AWS::CloudWatch::Alarm").map(
    ({ properties }) => described.parse(properties).AlarmDescription,
  );

  it.each(descriptions)("names a section that says what to do: %s", (description) => {
    expect(headings).toContain(description.split("docs/deploy.md, ").at(1));
  });
});

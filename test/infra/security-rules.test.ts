import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack, Validations } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { AwsSolutionsChecks } from "cdk-nag";
import type { IConstruct } from "constructs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { makeStack } from "./synthesise.ts";

const findingsIn = (scope: IConstruct): string[] =>
  new AwsSolutionsChecks().validateScope(scope).violations.map((violation) => violation.ruleName);

/** Ids and reasons of every acknowledgement in the tree. */
function acknowledgementsIn(scope: IConstruct): Map<string, string> {
  const entries = scope.node
    .findAll()
    .flatMap((construct) => construct.node.metadata)
    .filter((entry) => entry.type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap((entry) => Object.entries(z.record(z.string(), z.string()).parse(entry.data)));
  return new Map(entries.map(([id, reason]) => [id.replace(/^annotation::/i, ""), reason]));
}

const keyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

describe.each([
  ["as it is by default", {}],
  ["with buffered HEAD", { headMode: "buffered" }],
  ["with existing buckets", { sourceBuckets: "photos,films" }],
  ["with keys", { sourceKmsKeyArns: keyArn, archivesKmsKeyArn: keyArn }],
])("AwsSolutions on the stack %s", (_what, settings) => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "zipball-rules-"));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it("finds nothing that is not acknowledged", () => {
    expect(findingsIn(makeStack(settings))).toEqual([]);
  });

  it("finds exactly what is acknowledged once the acknowledgements are gone", () => {
    const stack = makeStack(settings);
    const templateFile = join(directory, "template.json");
    writeFileSync(templateFile, JSON.stringify(Template.fromStack(stack).toJSON()));
    // A template carries no acknowledgements.
    const bare = new Stack(new App(), "Bare");
    new CfnInclude(bare, "Template", { templateFile });
    expect(findingsIn(bare).sort()).toEqual([...acknowledgementsIn(stack).keys()].sort());
    // CfnInclude loads the definitions of all of CloudFormation.
  }, 60_000);

  it("is acknowledged with a reason each time", () => {
    for (const reason of acknowledgementsIn(makeStack(settings)).values())
      expect(reason.length).toBeGreaterThan(40);
  });
});

describe("AwsSolutions", () => {
  it("is departed from in these points and no others", () => {
    expect([...acknowledgementsIn(makeStack()).keys()].sort()).toEqual([
      "AwsSolutions-APIG2",
      "AwsSolutions-APIG3",
      "AwsSolutions-APIG4",
      "AwsSolutions-APIG6",
      "AwsSolutions-COG4",
      "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
      "AwsSolutions-IAM5[Resource::*]",
      "AwsSolutions-IAM5[Resource::<StorageArchives4397715D.Arn>/*]",
      "AwsSolutions-IAM5[Resource::<StorageSource42D3DA3E.Arn>/*]",
      "AwsSolutions-S1",
    ]);
  });

  it("finds what is added without care", () => {
    const stack = makeStack();
    new Bucket(stack, "Careless");
    expect(findingsIn(stack)).toEqual(["AwsSolutions-S1", "AwsSolutions-S10"]);
  });
});

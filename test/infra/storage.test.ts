import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { resourcesOf, synthesise } from "./synthesise.ts";

describe("what is stored", () => {
  let template: Template;
  beforeAll(() => {
    template = synthesise();
  });

  it.each([
    ["balls", "ballId", "item"],
    ["tokens", "tokenHash", undefined],
  ])(
    "%s are in a table that cleans up, is billed by request and can be restored",
    (_name, partition, sort) => {
      template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
        KeySchema: [
          { AttributeName: partition, KeyType: "HASH" },
          ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: "RANGE" }]),
        ],
        TimeToLiveSpecification: { AttributeName: "expiresAtEpochSeconds", Enabled: true },
        BillingMode: "PAY_PER_REQUEST",
        Replicas: [
          Match.objectLike({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
        ],
      });
    },
  );

  it("every bucket is versioned, encrypted, closed to the public and forgets unfinished uploads", () => {
    const closed = {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    };
    template.allResourcesProperties("AWS::S3::Bucket", {
      VersioningConfiguration: { Status: "Enabled" },
      PublicAccessBlockConfiguration: closed,
      LifecycleConfiguration: {
        Rules: [{ Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }],
      },
    });
    template.resourceCountIs("AWS::S3::Bucket", 1);
  });

  it("a bucket is reached by TLS only", () => {
    template.hasResourceProperties("AWS::S3::BucketPolicy", {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Effect: "Deny",
            Action: "s3:*",
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          }),
        ],
      },
    });
  });

  it("outlives the stack unless its removal is asked for", () => {
    const policies = (of: Template) =>
      ["AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket"].flatMap((type) =>
        Object.values(of.findResources(type)).map((resource) => resource.DeletionPolicy),
      );
    expect(policies(template)).toEqual(["Retain", "Retain", "Retain"]);
    expect(policies(synthesise({ removal: "destroy" }))).toEqual(["Delete", "Delete", "Delete"]);
  });

  it("existing buckets are read and not made", () => {
    const existing = synthesise({ sourceBuckets: "photos,films" });
    expect(resourcesOf(existing, "AWS::S3::Bucket")).toEqual([]);
    existing.hasOutput("SourceBuckets", { Value: "photos,films" });
  });

  it("is named by the stack's outputs", () => {
    for (const output of ["ApiUrl", "SourceBuckets", "BallsTable", "TokensTable"]) {
      template.hasOutput(output, {});
    }
  });
});

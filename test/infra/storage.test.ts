import { DescribeTableCommand, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { testDynamodb } from "../support/dynamodb.ts";
import { resourcesOf, synthesise } from "./synthesise.ts";

describe("what is stored", () => {
  const local = testDynamodb();
  let template: Template;
  beforeAll(() => {
    template = synthesise();
  });

  const tableKeyedBy = (partition: string, sort: string | undefined) => ({
    KeySchema: [
      { AttributeName: partition, KeyType: "HASH" },
      ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: "RANGE" }]),
    ],
    BillingMode: "PAY_PER_REQUEST",
    Replicas: [Match.objectLike({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } })],
  });

  it.each([
    ["balls", "ballId", "item"],
    ["tokens", "tokenHash", undefined],
    ["rates", "window", undefined],
  ])(
    "%s are in a table that cleans up, is billed by request and can be restored",
    (_name, partition, sort) => {
      template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
        ...tableKeyedBy(partition, sort),
        TimeToLiveSpecification: { AttributeName: "expiresAtEpochSeconds", Enabled: true },
      });
    },
  );

  it("the catalog is in a table like them that forgets nothing", () => {
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      ...tableKeyedBy("subject", "item"),
      TimeToLiveSpecification: Match.absent(),
    });
    template.resourceCountIs("AWS::DynamoDB::GlobalTable", 4);
  });

  it("has the tables of the one-machine stack, with their keys", async () => {
    const client = local().newClient();
    const { TableNames = [] } = await client.send(new ListTablesCommand());
    const described = await Promise.all(
      TableNames.map((TableName) => client.send(new DescribeTableCommand({ TableName }))),
    );
    const deployed = resourcesOf(template, "AWS::DynamoDB::GlobalTable").map(
      ({ properties }) => z.object({ KeySchema: z.unknown() }).parse(properties).KeySchema,
    );
    expect(described.map(({ Table }) => JSON.stringify(Table?.KeySchema)).sort()).toEqual(
      deployed.map((keys) => JSON.stringify(keys)).sort(),
    );
  });

  it("sends the events of the bucket it makes to EventBridge, without a function of its own for that", () => {
    template.hasResourceProperties("AWS::S3::Bucket", {
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
    expect(JSON.stringify(template.toJSON())).not.toContain("s3:PutBucketNotification");
  });

  it("objects to be zipped are in a bucket that keeps their versions and forgets unfinished uploads", () => {
    expect(bucketIn(template, "StorageSource")).toMatchObject({
      VersioningConfiguration: { Status: "Enabled" },
      LifecycleConfiguration: {
        Rules: [{ Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }],
      },
    });
  });

  it("every bucket is encrypted, closed to the public and nobody else's", () => {
    template.allResourcesProperties("AWS::S3::Bucket", {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    });
    template.resourceCountIs("AWS::S3::Bucket", 2);
  });

  it("every bucket is reached by TLS only", () => {
    template.resourceCountIs("AWS::S3::BucketPolicy", 2);
    template.allResourcesProperties("AWS::S3::BucketPolicy", {
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
    expect(policies(template)).toEqual(Array(6).fill("Retain"));
    expect(policies(synthesise({ removal: "destroy" }))).toEqual(Array(6).fill("Delete"));
  });

  it("existing buckets are read and not made", () => {
    const existing = synthesise({ sourceBuckets: "photos,films" });
    expect(resourcesOf(existing, "AWS::S3::Bucket").map(({ id }) => id)).toEqual([
      expect.stringMatching(/^StorageArchives/),
    ]);
    existing.hasOutput("SourceBuckets", { Value: "photos,films" });
  });

  it("is named by the stack's outputs", () => {
    for (const output of [
      "ApiUrl",
      "SourceBuckets",
      "ArchivesBucket",
      "BallsTable",
      "TokensTable",
      "CatalogTable",
      "IndexerQueue",
      "IndexerDeadLetters",
      "AssemblyQueue",
      "AssemblyDeadLetters",
      "AssemblerLog",
    ]) {
      template.hasOutput(output, {});
    }
  });
});

function bucketIn(template: Template, idPrefix: string): unknown {
  return resourcesOf(template, "AWS::S3::Bucket").find(({ id }) => id.startsWith(idPrefix))?.properties;
}

import type { Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { resourcesOf, synthesise } from "./synthesise.ts";

const deployed = z.object({
  Runtime: z.string(),
  Architectures: z.array(z.string()),
  Timeout: z.number(),
  MemorySize: z.number(),
  TracingConfig: z.object({ Mode: z.string() }),
  LoggingConfig: z.object({ LogGroup: z.object({ Ref: z.string() }) }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

const policy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.string(),
        Action: z.union([z.string(), z.array(z.string())]),
        Resource: z.unknown(),
      }),
    ),
  }),
});

/** The one resource of a type whose logical id begins so. */
function one<Schema extends z.ZodType>(template: Template, type: string, idPrefix: string, schema: Schema) {
  const found = resourcesOf(template, type).filter(({ id }) => id.startsWith(idPrefix));
  expect(found).toHaveLength(1);
  return schema.parse(found[0]?.properties);
}

const functionNamed = (template: Template, name: string) =>
  one(template, "AWS::Lambda::Function", `Functions${name}Function`, deployed);

/** Statements of a function's role, as `[actions, resource]`. */
const permissionsOf = (template: Template, name: string) =>
  one(template, "AWS::IAM::Policy", `Functions${name}Role`, policy).PolicyDocument.Statement.map(
    (statement) => {
      expect(statement.Effect).toBe("Allow");
      return [[statement.Action].flat().sort(), statement.Resource];
    },
  );

const arnOf = (id: string) => ({ "Fn::GetAtt": [expect.stringMatching(new RegExp(`^${id}`)), "Arn"] });
const objectsOf = (id: string) => ({ "Fn::Join": ["", [arnOf(id), "/*"]] });

const writesItsLog = (name: string) => [
  ["logs:CreateLogStream", "logs:PutLogEvents"],
  arnOf(`Functions${name}Log`),
];
const writesTraces = [["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"];

describe("the deployed functions", () => {
  let template: Template;
  let withHead: Template;
  beforeAll(() => {
    template = synthesise();
    withHead = synthesise({ headMode: "buffered" });
  });

  it.each([
    ["CreateBall", 29],
    ["Download", 900],
    ["Authorizer", 5],
    ["HeadDownload", 29],
  ])("%s runs on Node 24 on arm64, is traced, and ends after %i s", (name, seconds) => {
    const found = functionNamed(withHead, name);
    expect(found).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Timeout: seconds,
      TracingConfig: { Mode: "Active" },
    });
    expect(found.LoggingConfig.LogGroup.Ref).toMatch(new RegExp(`^Functions${name}Log`));
  });

  it("every log is kept for 30 days, those of functions and that of requests", () => {
    template.resourceCountIs("AWS::Logs::LogGroup", 4);
    template.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 30 });
  });

  it("create-ball lists and reads sources and writes balls", () => {
    expect(permissionsOf(template, "CreateBall")).toEqual([
      writesItsLog("CreateBall"),
      [["s3:ListBucket"], arnOf("StorageSource")],
      [["s3:GetObject", "s3:GetObjectVersion"], objectsOf("StorageSource")],
      [["dynamodb:DeleteItem", "dynamodb:PutItem"], arnOf("StorageBalls")],
      writesTraces,
    ]);
  });

  it("download reads sources and balls and stores what it learned", () => {
    expect(permissionsOf(template, "Download")).toEqual([
      writesItsLog("Download"),
      [["s3:GetObject", "s3:GetObjectVersion"], objectsOf("StorageSource")],
      [["dynamodb:GetItem", "dynamodb:PutItem"], arnOf("StorageBalls")],
      writesTraces,
    ]);
  });

  it("the authorizer reads tokens and nothing else", () => {
    expect(permissionsOf(template, "Authorizer")).toEqual([
      writesItsLog("Authorizer"),
      [["dynamodb:GetItem"], arnOf("StorageTokens")],
      writesTraces,
    ]);
  });

  it("head-download reads balls and no source", () => {
    expect(permissionsOf(withHead, "HeadDownload")).toEqual([
      writesItsLog("HeadDownload"),
      [["dynamodb:GetItem"], arnOf("StorageBalls")],
      writesTraces,
    ]);
  });

  it("existing buckets are all that is read when they are named", () => {
    const existing = synthesise({ sourceBuckets: "films,photos" });
    const bucket = (name: string) => ({
      "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, `:s3:::${name}`]],
    });
    expect(permissionsOf(existing, "CreateBall")).toContainEqual([
      ["s3:ListBucket"],
      [bucket("films"), bucket("photos")],
    ]);
    expect(permissionsOf(existing, "Download")).toContainEqual([
      ["s3:GetObject", "s3:GetObjectVersion"],
      [bucket("films/*"), bucket("photos/*")],
    ]);
  });

  it("no role holds a managed policy but the one that writes API Gateway's logs", () => {
    const withPolicies = resourcesOf(template, "AWS::IAM::Role").filter(
      ({ properties }) => z.object({ ManagedPolicyArns: z.array(z.unknown()) }).safeParse(properties).success,
    );
    expect(withPolicies.map(({ id }) => id)).toEqual([expect.stringMatching(/^RoutesApiCloudWatchRole/)]);
  });

  it("head-download exists only where the settings ask for it", () => {
    template.resourceCountIs("AWS::Lambda::Function", 3);
    withHead.resourceCountIs("AWS::Lambda::Function", 4);
  });

  it("settings reach create-ball as its variables", () => {
    const given = synthesise({
      publicUrl: "https://zips.example.com",
      domains: "a.example.com,b.example.com",
      ballLifetimeSeconds: 3600,
      streamLimitBytes: 1_000_000,
    });
    expect(functionNamed(given, "CreateBall").Environment.Variables).toEqual({
      NODE_OPTIONS: "--enable-source-maps",
      BALLS_TABLE: { Ref: expect.stringMatching(/^StorageBalls/) },
      PUBLIC_URL: "https://zips.example.com",
      DOMAINS: "a.example.com,b.example.com",
      BALL_LIFETIME_SECONDS: "3600",
      STREAM_LIMIT_BYTES: "1000000",
    });
  });

  it("a setting that is unset is a variable that is absent", () => {
    expect(Object.keys(functionNamed(template, "CreateBall").Environment.Variables)).toEqual([
      "NODE_OPTIONS",
      "BALLS_TABLE",
      "STREAM_LIMIT_BYTES",
    ]);
  });
});

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
        Condition: z.unknown().optional(),
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

/** Statements of a function's role, as `[actions, resource]`, with its condition where there is one. */
const permissionsOf = (template: Template, name: string) =>
  one(template, "AWS::IAM::Policy", `Functions${name}Role`, policy).PolicyDocument.Statement.map(
    ({ Effect, Action, Resource, Condition }) => {
      expect(Effect).toBe("Allow");
      return [[Action].flat().sort(), Resource, ...(Condition === undefined ? [] : [Condition])];
    },
  );

const arnOf = (id: string) => ({ "Fn::GetAtt": [expect.stringMatching(new RegExp(`^${id}`)), "Arn"] });
const objectsOf = (id: string) => ({ "Fn::Join": ["", [arnOf(id), "/*"]] });

const writesItsLog = (name: string) => [
  ["logs:CreateLogStream", "logs:PutLogEvents"],
  arnOf(`Functions${name}Log`),
];
const listsSources = [["s3:ListBucket", "s3:ListBucketVersions"], arnOf("StorageSource")];
const readsSources = [
  ["s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectVersion", "s3:GetObjectVersionAttributes"],
  objectsOf("StorageSource"),
];
const onTable = (name: string, ...operations: string[]) => [
  operations.map((operation) => `dynamodb:${operation}`),
  arnOf(`Storage${name}`),
];
const countsRequests = onTable("Rates", "UpdateItem");
const sendsWork = [["sqs:SendMessage"], arnOf("AssemblyQueue")];
const receives = [
  "sqs:ChangeMessageVisibility",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
  "sqs:GetQueueUrl",
  "sqs:ReceiveMessage",
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
    ["Assembler", 900],
    ["Authorizer", 5],
    ["CreateBall", 29],
    ["CreateZipDownload", 29],
    ["Download", 900],
    ["HeadDownload", 29],
    ["Indexer", 60],
    ["Metadata", 29],
    ["Openapi", 10],
    ["ZipDownloadStatus", 29],
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
    template.resourceCountIs("AWS::Logs::LogGroup", 10);
    template.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 30 });
  });

  it.each(["CreateBall", "CreateZipDownload"])(
    "%s lists and reads sources, writes balls, reads and adds to the catalog, and asks for work",
    (name) => {
      expect(permissionsOf(template, name)).toEqual([
        writesItsLog(name),
        listsSources,
        readsSources,
        onTable("Balls", "DeleteItem", "PutItem"),
        onTable("Catalog", "BatchGetItem", "BatchWriteItem", "GetItem", "PutItem", "Query"),
        countsRequests,
        sendsWork,
        writesTraces,
      ]);
    },
  );

  it("download reads sources and archives, sees which are gone, reads balls, and stores what it learned and how far it has come", () => {
    expect(permissionsOf(template, "Download")).toEqual([
      writesItsLog("Download"),
      listsSources,
      readsSources,
      [["s3:GetObject"], objectsOf("StorageArchives")],
      onTable("Balls", "GetItem", "PutItem", "UpdateItem"),
      onTable("Catalog", "BatchGetItem", "BatchWriteItem"),
      countsRequests,
      writesTraces,
    ]);
  });

  it("the assembler reads sources, makes and removes archives, keeps how far it has come, and asks itself for the rest", () => {
    expect(permissionsOf(template, "Assembler")).toEqual([
      writesItsLog("Assembler"),
      listsSources,
      readsSources,
      [["s3:ListBucket", "s3:ListBucketMultipartUploads"], arnOf("StorageArchives")],
      [
        [
          "s3:AbortMultipartUpload",
          "s3:DeleteObject",
          "s3:GetObject",
          "s3:ListMultipartUploadParts",
          "s3:PutObject",
        ],
        objectsOf("StorageArchives"),
      ],
      onTable("Balls", "GetItem", "PutItem", "Query", "UpdateItem"),
      onTable("Catalog", "BatchGetItem", "BatchWriteItem"),
      [[...receives, "sqs:SendMessage"], arnOf("AssemblyQueue")],
      writesTraces,
    ]);
  });

  it("head-download reads balls and no source", () => {
    expect(permissionsOf(withHead, "HeadDownload")).toEqual([
      writesItsLog("HeadDownload"),
      onTable("Balls", "GetItem"),
      writesTraces,
    ]);
  });

  it("zip-download-status reads balls", () => {
    expect(permissionsOf(template, "ZipDownloadStatus")).toEqual([
      writesItsLog("ZipDownloadStatus"),
      onTable("Balls", "GetItem", "Query"),
      countsRequests,
      writesTraces,
    ]);
  });

  it("metadata lists versions, reads no object, and adds versions to the catalog", () => {
    expect(permissionsOf(template, "Metadata")).toEqual([
      writesItsLog("Metadata"),
      [["s3:ListBucketVersions"], arnOf("StorageSource")],
      onTable("Catalog", "BatchGetItem", "GetItem", "PutItem", "Query"),
      countsRequests,
      writesTraces,
    ]);
  });

  it("openapi may do nothing", () => {
    expect(permissionsOf(template, "Openapi")).toEqual([writesItsLog("Openapi"), writesTraces]);
  });

  it("the authorizer reads tokens and nothing else", () => {
    expect(permissionsOf(template, "Authorizer")).toEqual([
      writesItsLog("Authorizer"),
      onTable("Tokens", "GetItem"),
      writesTraces,
    ]);
  });

  it("the indexer lists versions, learns CRC-32s, adds both to the catalog and empties its queue", () => {
    expect(permissionsOf(template, "Indexer")).toEqual([
      writesItsLog("Indexer"),
      listsSources,
      readsSources,
      onTable("Catalog", "BatchGetItem", "BatchWriteItem", "PutItem", "Query"),
      writesTraces,
      [receives, arnOf("ObjectEventsQueue")],
    ]);
  });

  it("existing buckets are all that is read when they are named", () => {
    const existing = synthesise({ sourceBuckets: "films,photos" });
    const bucket = (name: string) => ({
      "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, `:s3:::${name}`]],
    });
    expect(permissionsOf(existing, "Metadata")).toContainEqual([
      ["s3:ListBucketVersions"],
      [bucket("films"), bucket("photos")],
    ]);
    expect(permissionsOf(existing, "Download")).toContainEqual([
      readsSources[0],
      [bucket("films/*"), bucket("photos/*")],
    ]);
  });

  describe("with keys of KMS", () => {
    const keyArn = (id: string) => `arn:aws:kms:eu-west-1:111122223333:key/mrk-${id.repeat(32)}`;
    let withKeys: Template;
    beforeAll(() => {
      const sourceKmsKeyArns = [keyArn("a"), keyArn("b")].join(",");
      withKeys = synthesise({ headMode: "buffered", sourceKmsKeyArns, archivesKmsKeyArn: keyArn("c") });
    });
    const viaS3 = {
      StringEquals: {
        "kms:ViaService": { "Fn::Join": ["", ["s3.", { Ref: "AWS::Region" }, ".amazonaws.com"]] },
      },
    };
    const decryptsSources = [["kms:Decrypt"], [keyArn("a"), keyArn("b")], viaS3];

    it.each([
      ["CreateBall", [decryptsSources]],
      ["CreateZipDownload", [decryptsSources]],
      ["Indexer", [decryptsSources]],
      ["Download", [[["kms:Decrypt"], ["a", "b", "c"].map(keyArn), viaS3]]],
      ["Assembler", [decryptsSources, [["kms:Decrypt", "kms:GenerateDataKey"], keyArn("c"), viaS3]]],
      ["HeadDownload", []],
      ["ZipDownloadStatus", []],
      ["Metadata", []],
      ["Openapi", []],
      ["Authorizer", []],
    ])("%s uses those of what it reads and writes, by way of S3 alone", (name, expected) => {
      const uses = permissionsOf(withKeys, name).filter((given) => JSON.stringify(given).includes("kms:"));
      expect(uses).toEqual(expected);
    });
  });

  it("Lambda lets the assembler ask itself for the rest, and no other function call itself", () => {
    const allowed = resourcesOf(template, "AWS::Lambda::Function").filter(
      ({ properties }) => z.object({ RecursiveLoop: z.literal("Allow") }).safeParse(properties).success,
    );
    expect(allowed.map(({ id }) => id)).toEqual([expect.stringMatching(/^FunctionsAssembler/)]);
  });

  it("no role holds a managed policy but the one that writes API Gateway's logs", () => {
    const withPolicies = resourcesOf(template, "AWS::IAM::Role").filter(
      ({ properties }) => z.object({ ManagedPolicyArns: z.array(z.unknown()) }).safeParse(properties).success,
    );
    expect(withPolicies.map(({ id }) => id)).toEqual([expect.stringMatching(/^RoutesApiCloudWatchRole/)]);
  });

  it("head-download exists only where the settings ask for it", () => {
    template.resourceCountIs("AWS::Lambda::Function", 9);
    withHead.resourceCountIs("AWS::Lambda::Function", 10);
  });
});

describe("the functions' variables", () => {
  const tables = {
    BALLS_TABLE: { Ref: expect.stringMatching(/^StorageBalls/) },
    CATALOG_TABLE: { Ref: expect.stringMatching(/^StorageCatalog/) },
    RATES_TABLE: { Ref: expect.stringMatching(/^StorageRates/) },
    TOKENS_TABLE: { Ref: expect.stringMatching(/^StorageTokens/) },
  };
  const ARCHIVES_BUCKET = { Ref: expect.stringMatching(/^StorageArchives/) };
  const ASSEMBLY_QUEUE_URL = { Ref: expect.stringMatching(/^AssemblyQueue/) };
  const variablesOf = (template: Template, name: string) => {
    const { NODE_OPTIONS, MALLOC_ARENA_MAX, ...own } = functionNamed(template, name).Environment.Variables;
    const isFrugal = ["Download", "Assembler"].includes(name);
    expect(NODE_OPTIONS).toBe(isFrugal ? "--max-semi-space-size=4" : "--enable-source-maps");
    expect(MALLOC_ARENA_MAX).toBe(isFrugal ? "1" : undefined);
    return own;
  };

  const settings = {
    publicUrl: "https://zips.example.com",
    domains: "a.example.com,b.example.com",
    ballLifetimeSeconds: 3600,
    zipDownloadStartSeconds: 30,
    zipDownloadStatusSeconds: 7200,
    requestsPerMinute: 90,
    streamLimitBytes: 1_000_000,
    compressedLimitBytes: 2_000_000,
    archiveLinkSeconds: 600,
    holdSeconds: 0,
    headMode: "buffered",
  };
  const { BALLS_TABLE, CATALOG_TABLE, RATES_TABLE, TOKENS_TABLE } = tables;
  const PUBLIC_URL = settings.publicUrl;
  const limits = { STREAM_LIMIT_BYTES: "1000000", COMPRESSED_LIMIT_BYTES: "2000000" };
  const DOMAINS = settings.domains;
  let given: Template;
  beforeAll(() => {
    given = synthesise(settings);
  });

  it.each([
    [
      "CreateBall",
      {
        ...{ BALLS_TABLE, CATALOG_TABLE, RATES_TABLE, PUBLIC_URL, ASSEMBLY_QUEUE_URL, ...limits },
        DOMAINS,
        BALL_LIFETIME_SECONDS: "3600",
      },
    ],
    [
      "CreateZipDownload",
      {
        ...{ BALLS_TABLE, CATALOG_TABLE, RATES_TABLE, PUBLIC_URL, ASSEMBLY_QUEUE_URL, ...limits },
        ZIP_DOWNLOAD_START_SECONDS: "30",
        ZIP_DOWNLOAD_STATUS_SECONDS: "7200",
      },
    ],
    [
      "Download",
      {
        ...{ BALLS_TABLE, CATALOG_TABLE, RATES_TABLE, PUBLIC_URL, ARCHIVES_BUCKET },
        ...{ ARCHIVE_LINK_SECONDS: "600", HOLD_SECONDS: "0" },
      },
    ],
    ["Assembler", { BALLS_TABLE, CATALOG_TABLE, ARCHIVES_BUCKET, ASSEMBLY_QUEUE_URL }],
    ["HeadDownload", { BALLS_TABLE }],
    ["ZipDownloadStatus", { BALLS_TABLE, RATES_TABLE }],
    ["Metadata", { CATALOG_TABLE, RATES_TABLE }],
    ["Openapi", { PUBLIC_URL }],
    ["Authorizer", { TOKENS_TABLE, REQUESTS_PER_MINUTE: "90" }],
    ["Indexer", { CATALOG_TABLE }],
  ])("of %s are its tables and the settings that concern it", (name, variables) => {
    expect(variablesOf(given, name)).toEqual(variables);
  });

  it("a setting that is unset is a variable that is absent", () => {
    const byDefault = synthesise();
    expect(variablesOf(byDefault, "CreateBall")).toEqual({
      ...{ BALLS_TABLE, CATALOG_TABLE, RATES_TABLE, ASSEMBLY_QUEUE_URL },
      STREAM_LIMIT_BYTES: "199900000",
    });
    expect(variablesOf(byDefault, "Openapi")).toEqual({});
  });
});

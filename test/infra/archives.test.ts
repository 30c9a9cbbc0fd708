import { App, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { makeArchives } from "../../infra/archives.ts";
import { readSettings } from "../../infra/settings.ts";
import { resourcesOf } from "./synthesise.ts";

const bucket = z.object({
  VersioningConfiguration: z.undefined().optional(),
  CorsConfiguration: z.undefined().optional(),
  BucketEncryption: z.object({ ServerSideEncryptionConfiguration: z.unknown() }),
  LifecycleConfiguration: z.object({ Rules: z.unknown() }),
});

/** The bucket under these settings, in a stack of its own. */
function archivesUnder(settings: Readonly<Record<string, unknown>> = {}) {
  const stack = new Stack(new App(), "Alone");
  const given = Object.entries(settings).map(([name, value]) => [`zipball:${name}`, value]);
  makeArchives(stack, readSettings(Object.fromEntries(given)), RemovalPolicy.RETAIN);
  return bucket.parse(resourcesOf(Template.fromStack(stack), "AWS::S3::Bucket")[0]?.properties);
}

const day = 24 * 3600;

describe("the bucket of archives", () => {
  it("keeps no versions, so that what is removed is gone, and answers no page's scripts", () => {
    const { VersioningConfiguration, CorsConfiguration } = archivesUnder();
    expect([VersioningConfiguration, CorsConfiguration]).toEqual([undefined, undefined]);
  });

  it.each([
    ["a week, as it is by default", {}, 8],
    ["a second", { ballLifetimeSeconds: 1 }, 2],
    ["a day", { ballLifetimeSeconds: day }, 2],
    ["a second more than a day", { ballLifetimeSeconds: day + 1 }, 3],
    ["a month", { ballLifetimeSeconds: 30 * day }, 31],
    ["nine days after its download has begun", { zipDownloadStatusSeconds: 9 * day }, 11],
    [
      "a day after its download has begun, a day late",
      { ballLifetimeSeconds: 60, zipDownloadStartSeconds: day, zipDownloadStatusSeconds: day },
      3,
    ],
  ])("keeps the archive of a ball that may live %s until the day after", (_what, lifetimes, days) => {
    const { Rules } = archivesUnder({ zipDownloadStatusSeconds: 60, ...lifetimes }).LifecycleConfiguration;
    expect(Rules).toEqual([expect.objectContaining({ Status: "Enabled", ExpirationInDays: days })]);
  });

  it("forgets uploads that nobody finished for two days", () => {
    expect(archivesUnder().LifecycleConfiguration.Rules).toEqual([
      expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } }),
    ]);
  });

  it("is encrypted with a key where one is set, asking KMS once for many parts", () => {
    const archivesKmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    expect(archivesUnder({ archivesKmsKeyArn }).BucketEncryption.ServerSideEncryptionConfiguration).toEqual([
      {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: archivesKmsKeyArn },
      },
    ]);
  });
});

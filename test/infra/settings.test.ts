import { describe, expect, it } from "vitest";
import { readSettings } from "../../infra/settings.ts";

const keyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const multiRegionKeyArn = "arn:aws:kms:eu-west-1:444455556666:key/mrk-1234abcd12ab34cd56ef1234567890ab";

describe("the stack's settings", () => {
  it("all have a default or may be unset", () => {
    expect(readSettings({})).toEqual({
      stageName: "prod",
      domains: [],
      sourceBuckets: [],
      sourceKmsKeyArns: [],
      streamLimitBytes: 199_900_000,
      assemblyConcurrency: 50,
      headMode: "stream",
      removal: "retain",
    });
  });

  it("are text on the command line and may be numbers in cdk.json", () => {
    const asText = readSettings({ "zipball:streamLimitBytes": "5000", "zipball:ballLifetimeSeconds": "60" });
    const asNumbers = readSettings({ "zipball:streamLimitBytes": 5000, "zipball:ballLifetimeSeconds": 60 });
    expect(asText).toEqual(asNumbers);
    expect(asText).toMatchObject({ streamLimitBytes: 5000, ballLifetimeSeconds: 60 });
  });

  it("take lists with commas", () => {
    const settings = readSettings({
      "zipball:domains": "a.example.com, b.example.com",
      "zipball:sourceBuckets": "photos,films",
      "zipball:sourceKmsKeyArns": `${keyArn}, ${multiRegionKeyArn}`,
    });
    expect(settings.domains).toEqual(["a.example.com", "b.example.com"]);
    expect(settings.sourceBuckets).toEqual(["photos", "films"]);
    expect(settings.sourceKmsKeyArns).toEqual([keyArn, multiRegionKeyArn]);
  });

  it("leave other context alone", () => {
    expect(readSettings({ "@aws-cdk/core:checkSecretUsage": true, stageName: "other" }).stageName).toBe(
      "prod",
    );
  });

  it.each([
    ["a misspelt name", { "zipball:hedMode": "stream" }, /hedMode/],
    ["a mode that does not exist", { "zipball:headMode": "fast" }, /zipball:headMode/],
    ["a stage name API Gateway refuses", { "zipball:stageName": "my-stage" }, /zipball:stageName/],
    ["links without TLS", { "zipball:publicUrl": "http://example.com" }, /zipball:publicUrl/],
    ["a domain with a path", { "zipball:domains": "example.com/x" }, /zipball:domains/],
    ["a bucket name with a slash", { "zipball:sourceBuckets": "a/b" }, /zipball:sourceBuckets/],
    [
      "a stream longer than Lambda allows",
      { "zipball:streamLimitBytes": 199_900_001 },
      /zipball:streamLimitBytes/,
    ],
    ["no stream at all", { "zipball:streamLimitBytes": 0 }, /zipball:streamLimitBytes/],
    ["a download that never starts", { "zipball:zipDownloadStartSeconds": 0 }, /zipDownloadStartSeconds/],
    ["half a second of status", { "zipball:zipDownloadStatusSeconds": 0.5 }, /zipDownloadStatusSeconds/],
    ["a token that may ask nothing", { "zipball:requestsPerMinute": "0" }, /requestsPerMinute/],
    ["a reader who may take nothing for ever", { "zipball:clientIdleSeconds": 901 }, /clientIdleSeconds/],
    ["a link that S3 would not sign", { "zipball:archiveLinkSeconds": 604_801 }, /archiveLinkSeconds/],
    ["a request held longer than it is waited for", { "zipball:holdSeconds": 26 }, /holdSeconds/],
    ["a compressed ball of nothing", { "zipball:compressedLimitBytes": 0 }, /compressedLimitBytes/],
    ["fewer workers than an event source has", { "zipball:assemblyConcurrency": 1 }, /assemblyConcurrency/],
    ["more workers than it has", { "zipball:assemblyConcurrency": 1001 }, /assemblyConcurrency/],
    [
      "a key's alias, which IAM does not take for the key",
      { "zipball:archivesKmsKeyArn": "arn:aws:kms:eu-west-1:111122223333:alias/archives" },
      /zipball:archivesKmsKeyArn/,
    ],
    [
      "one of several keys by its id alone",
      { "zipball:sourceKmsKeyArns": `${keyArn},1234` },
      /sourceKmsKeyArns/,
    ],
    [
      "a lifetime that is no number",
      { "zipball:ballLifetimeSeconds": "a week" },
      /zipball:ballLifetimeSeconds/,
    ],
  ])("refuse %s, by name", (_what, context, message) => {
    expect(() => readSettings(context)).toThrow(message);
  });

  it("are refused all at once, so that one run shows every mistake", () => {
    expect(() => readSettings({ "zipball:headMode": "x", "zipball:removal": "y" })).toThrow(
      /headMode.*removal/,
    );
  });
});

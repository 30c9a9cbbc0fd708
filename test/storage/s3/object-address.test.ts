import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { resolveAddress } from "../../../lambdas/storage/s3/object-address.ts";
import { createSourceReader } from "../../../lambdas/storage/s3/source-reader.ts";
import { readAll } from "../../support/read-all.ts";
import { originOf, requestOfSdk } from "../../support/sdk-request.ts";

const credentials = { accessKeyId: "id", secretAccessKey: "secret" };
const region = "eu-west-1";
const accessPoint = "arn:aws:s3:eu-central-1:123456789012:accesspoint/reports";

describe("an object is asked for where the SDK asks, and signed for the same region and service", () => {
  test.each<[name: string, S3ClientConfig, bucket: string, origin: string]>([
    ["a bucket by its host", {}, "bucket", "https://bucket.s3.eu-west-1.amazonaws.com"],
    ["in us-east-1", { region: "us-east-1" }, "bucket", "https://bucket.s3.us-east-1.amazonaws.com"],
    ["in China", { region: "cn-north-1" }, "bucket", "https://bucket.s3.cn-north-1.amazonaws.com.cn"],
    ["by path", { forcePathStyle: true }, "bucket", "https://s3.eu-west-1.amazonaws.com"],
    ["dots in its name", {}, "a.bucket.example", "https://s3.eu-west-1.amazonaws.com"],
    [
      "dual-stack",
      { useDualstackEndpoint: true },
      "bucket",
      "https://bucket.s3.dualstack.eu-west-1.amazonaws.com",
    ],
    [
      "FIPS",
      { region: "us-east-1", useFipsEndpoint: true },
      "bucket",
      "https://bucket.s3-fips.us-east-1.amazonaws.com",
    ],
    ["accelerated", { useAccelerateEndpoint: true }, "bucket", "https://bucket.s3-accelerate.amazonaws.com"],
    [
      "accelerated and dual-stack",
      { useAccelerateEndpoint: true, useDualstackEndpoint: true },
      "bucket",
      "https://bucket.s3-accelerate.dualstack.amazonaws.com",
    ],
    [
      "an access point of another region",
      { useArnRegion: true },
      accessPoint,
      "https://reports-123456789012.s3-accesspoint.eu-central-1.amazonaws.com",
    ],
    [
      "an object lambda's access point",
      {},
      "arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/resized",
      "https://resized-123456789012.s3-object-lambda.eu-west-1.amazonaws.com",
    ],
    [
      "another server by path",
      { endpoint: "http://127.0.0.1:9000", forcePathStyle: true },
      "bucket",
      "http://127.0.0.1:9000",
    ],
    [
      "another server by host",
      { endpoint: "https://objects.example" },
      "bucket",
      "https://bucket.objects.example",
    ],
    [
      "another server under a path",
      { endpoint: "https://gateway.example:8443/store/s3", forcePathStyle: true },
      "bucket",
      "https://gateway.example:8443",
    ],
    [
      "another server under a path that ends with a slash",
      { endpoint: "https://gateway.example/store/", forcePathStyle: true },
      "bucket",
      "https://gateway.example",
    ],
    [
      "another server by an IPv6 address",
      { endpoint: "http://[::1]:9000", forcePathStyle: true },
      "bucket",
      "http://[::1]:9000",
    ],
    [
      "another server on its protocol's own port",
      { endpoint: "https://objects.example:443", forcePathStyle: true },
      "bucket",
      "https://objects.example",
    ],
  ])("%s", async (_name, config, Bucket, origin) => {
    const { request, client } = await requestOfSdk(
      { region, credentials, ...config },
      { Bucket, Key: "a/b" },
    );
    const address = await resolveAddress(client, Bucket);
    const scope = /Credential=id\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(
      request.headers.authorization ?? "",
    );
    expect({ ...address, basePath: `${address.basePath}a/b` }).toEqual({
      origin,
      host: request.headers.host,
      basePath: request.path,
      region: scope?.[1],
      service: scope?.[2],
    });
    expect(originOf(request)).toBe(origin);
  });
});

describe("a bucket whose objects are not asked for with SigV4", () => {
  test.each([
    ["of a directory", "reports--usw2-az1--x-s3", "sigv4-s3express"],
    ["behind a multi-region access point", "arn:aws:s3::123456789012:accesspoint/reports.mrap", "sigv4a"],
  ])("%s is refused by name", async (_what, bucket, scheme) => {
    const client = new S3Client({ region: "us-west-2", credentials });
    const message = `Objects of bucket "${bucket}" are asked for with ${scheme}; expected sigv4`;
    await expect(resolveAddress(client, bucket)).rejects.toThrow(message);
    const source = { bucket, key: "k", pin: { kind: "etag", etag: '"e"' }, sizeBytes: 5 } as const;
    const read = createSourceReader(client).read(source, { start: 0, end: 5 });
    await expect(readAll(read)).rejects.toThrow(message);
    await expect(read.answered).rejects.toThrow(message);
    await expect(read.ended).rejects.toThrow(message);
  });
});

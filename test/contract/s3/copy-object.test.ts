import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { refusal, serverUnderTest } from "./server-under-test.ts";
import { crcOf, uploadsInto, whole } from "./uploads.ts";

const server = serverUnderTest();
const body = Buffer.from("the source");
const described = { ContentType: "text/plain", CacheControl: "no-store", Metadata: { a: "b" } };
let Bucket = "";
let versioned = "";
let etag = "";

const { complete, uploadAll, bodyOf } = uploadsInto(
  () => server().client,
  () => Bucket,
);

beforeAll(async () => {
  Bucket = await server().newBucket();
  versioned = await server().newBucket({ versioning: "Enabled" });
  const source = { Bucket, Key: "source", Body: body, ...described, ChecksumAlgorithm: "CRC32" } as const;
  etag = (await server().client.send(new PutObjectCommand(source))).ETag ?? "";
});

const copy = (Key: string, input: Partial<CopyObjectCommandInput> = {}) =>
  server().client.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/source`, ...input }));
const head = (Key: string, bucket = Bucket) =>
  server().client.send(new HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: "ENABLED" }));

describe("a copied object", () => {
  test("has the bytes, the checksum, the ETag and the description of its source", async () => {
    const { CopyObjectResult } = await copy("plain");
    expect(CopyObjectResult).toMatchObject({ ETag: etag, ChecksumCRC32: crcOf(body) });
    expect((await bodyOf("plain")).equals(body)).toBe(true);
    expect(await head("plain")).toMatchObject({ ...described, ETag: etag, ChecksumCRC32: crcOf(body) });
  });

  test("has a description of its own where one is asked for", async () => {
    const own = { ContentType: "image/png", Metadata: { c: "d" } };
    await copy("described", { MetadataDirective: "REPLACE", ...own, StorageClass: "STANDARD_IA" });
    const told = await head("described");
    expect(told).toMatchObject({ ...own, StorageClass: "STANDARD_IA" });
    expect(told.CacheControl).toBeUndefined();
  });

  test("of one uploaded in parts is one of full length with a checksum of the full object", async () => {
    const { UploadId, Parts } = await uploadAll("in parts");
    await complete("in parts", UploadId, Parts);
    await copy("in one", { CopySource: `${Bucket}/in%20parts` });
    const told = { ContentLength: whole.length, ChecksumCRC32: crcOf(whole), ChecksumType: "FULL_OBJECT" };
    expect(await head("in one")).toMatchObject(told);
    expect((await bodyOf("in one")).equals(whole)).toBe(true);
  });

  test("may have a checksum of another algorithm", async () => {
    await copy("hashed", { ChecksumAlgorithm: "SHA256" });
    expect((await head("hashed")).ChecksumSHA256).toBeDefined();
  });

  test("of an old version brings it back, and both versions are told", async () => {
    const { client } = server();
    const target = { Bucket: versioned, Key: "restored" };
    const old = await client.send(new PutObjectCommand({ ...target, Body: "old" }));
    await client.send(new PutObjectCommand({ ...target, Body: "late" }));
    const CopySource = `${versioned}/restored?versionId=${old.VersionId}`;
    const copied = await client.send(new CopyObjectCommand({ ...target, CopySource }));
    expect(copied.CopySourceVersionId).toBe(old.VersionId);
    expect(copied.VersionId).not.toBe(old.VersionId);
    const { Body, VersionId } = await client.send(new GetObjectCommand(target));
    expect(await Body?.transformToString()).toBe("old");
    expect(VersionId).toBe(copied.VersionId);
  });
});

describe("a copy of an object is refused", () => {
  test("to itself when nothing changes", async () => {
    expect(await refusal(copy("source"))).toMatchObject({ code: "InvalidRequest", status: 400 });
    await copy("source", { MetadataDirective: "REPLACE", ...described });
    expect((await bodyOf("source")).equals(body)).toBe(true);
  });

  test("when its source is not there", async () => {
    const refused = copy("from nothing", { CopySource: `${Bucket}/nothing` });
    expect(await refusal(refused)).toMatchObject({ code: "NoSuchKey", status: 404 });
  });

  test("when its source is not the one that is meant", async () => {
    const refused = copy("pinned", { CopySourceIfMatch: '"other"' });
    expect(await refusal(refused)).toMatchObject({ code: "PreconditionFailed", status: 412 });
  });

  test("with If-None-Match: * on a key that is taken", async () => {
    await copy("taken");
    const refused = copy("taken", { IfNoneMatch: "*" });
    expect(await refusal(refused)).toMatchObject({ code: "PreconditionFailed", status: 412 });
  });
});

import { crc32 } from "node:zlib";
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { describe, expect, test } from "vitest";
import type { SourceObject } from "../../lambdas/ball/source.ts";
import { sourceObjectOfHead } from "../../lambdas/storage/s3/describe-object.ts";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { readAll } from "../support/read-all.ts";
import { testS3 } from "../support/s3.ts";
import { pinnedSource } from "./pinned-source.ts";

const s3 = testS3();
const reader = () => createSourceReader(s3().client);

const oddKeys = [
  "../x",
  "a//b",
  "a b+c%",
  "/leading",
  "%2F",
  "ü/日本/😀.txt",
  "k".repeat(1024),
  "a\tb\u0001c",
  ".",
];

const pinned = (bucket: string, key: string) => pinnedSource(reader(), bucket, key);

describe("keys", () => {
  test("of any kind are listed, described and read as they are", async () => {
    const bucket = await s3().newBucket();
    for (const key of oddKeys) await s3().put(bucket, key);
    const listed: SourceObject[] = [];
    for await (const page of reader().list(bucket, "")) listed.push(...page);
    expect(listed.map(({ key }) => key).sort()).toEqual([...oddKeys].sort());
    for (const { key, etag, sizeBytes, mtimeEpochSeconds } of listed) {
      const { object, source } = await pinned(bucket, key);
      expect(object).toMatchObject({ key, etag, sizeBytes, mtimeEpochSeconds });
      const bytes = await readAll(reader().read(source, { start: 0, end: sizeBytes }));
      expect(bytes.toString()).toBe(`body of ${key}`);
    }
  });

  test("are listed by prefix, byte by byte", async () => {
    const bucket = await s3().newBucket();
    for (const key of ["a/x", "a/", "a/b/c", "ab", "a", "A/x", "a+/x"]) await s3().put(bucket, key);
    const listed: string[] = [];
    for await (const page of reader().list(bucket, "a/")) listed.push(...page.map(({ key }) => key));
    expect(listed).toEqual(["a/", "a/b/c", "a/x"]);
  });
});

describe("what S3 tells of an object", () => {
  test("has its CRC-32 where it was uploaded with one", async () => {
    const bucket = await s3().newBucket();
    await s3().put(bucket, "with", "hello", { ChecksumAlgorithm: "CRC32" });
    await s3().put(bucket, "without", "hello", { ChecksumAlgorithm: "SHA256" });
    expect((await pinned(bucket, "with")).object.crc32).toBe(crc32("hello"));
    expect((await pinned(bucket, "without")).object.crc32).toBe("not kept");
  });

  test("has its MD5 where it was put at once", async () => {
    const bucket = await s3().newBucket();
    await s3().put(bucket, "a", "hello");
    expect((await pinned(bucket, "a")).object.md5).toBe("5d41402abc4b2a76b9719d911017c592");
  });

  test.each([
    [{}, "5d41402abc4b2a76b9719d911017c592"],
    [{ ServerSideEncryption: "AES256" }, "5d41402abc4b2a76b9719d911017c592"],
    [{ ServerSideEncryption: "aws:kms" }, undefined],
    [{ ServerSideEncryption: "aws:kms:dsse" }, undefined],
    [{ SSECustomerAlgorithm: "AES256" }, undefined],
  ] as const)(
    "does not take the ETag for an MD5 under encryption that makes it another: %o",
    (encryption, md5) => {
      const told = { ETag: '"5d41402abc4b2a76b9719d911017c592"', LastModified: new Date(), ContentLength: 5 };
      expect(sourceObjectOfHead("a", { $metadata: {}, ...told, ...encryption }).md5).toBe(md5);
    },
  );

  test("does not take a composite checksum for that of the object", async () => {
    const bucket = await s3().newBucket();
    const Body = Buffer.alloc(6 * 1024 * 1024, "x");
    const params = { Bucket: bucket, Key: "composite", Body, ChecksumAlgorithm: "CRC32" } as const;
    await new Upload({ client: s3().client, params, partSize: 5 * 1024 * 1024 }).done();
    const { object, source } = await pinned(bucket, "composite");
    expect(object.etag).toMatch(/-2"$/);
    expect(object.crc32).toBe("in parts");
    expect(object).not.toHaveProperty("md5");
    expect((await reader().describePinned(source)).etag).toBe(object.etag);
  });

  test.each([
    ["GLACIER", true],
    ["DEEP_ARCHIVE", true],
    ["GLACIER_IR", false],
    ["STANDARD_IA", false],
  ] as const)("says of storage class %s that it is archived: %s", async (StorageClass, isArchived) => {
    const bucket = await s3().newBucket();
    await s3().put(bucket, "a", "x", { StorageClass });
    expect((await pinned(bucket, "a")).object.isArchived).toBe(isArchived);
    for await (const page of reader().list(bucket, "")) expect(page[0]?.isArchived).toBe(isArchived);
  });

  test("is nothing for a key that is not there, is deleted, or is only being uploaded", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    await s3().put(bucket, "deleted");
    await s3().client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "deleted" }));
    await s3().client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: "uploading" }));
    for (const key of ["nothing", "deleted", "uploading"]) {
      expect(await reader().describe(bucket, key)).toBeUndefined();
    }
  });
});

describe("pins", () => {
  test("by ETag refuse an object that was replaced or deleted", async () => {
    const bucket = await s3().newBucket();
    for (const key of ["replaced", "deleted"]) {
      await s3().put(bucket, key, "first");
      const { source } = await pinned(bucket, key);
      if (key === "replaced") await s3().put(bucket, key, "other");
      else await s3().client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      const changed = { code: "source-changed" };
      await expect(readAll(reader().read(source, { start: 0, end: 5 }))).rejects.toMatchObject(changed);
      await expect(readAll(reader().read(source, { start: 1, end: 3 }))).rejects.toMatchObject(changed);
      await expect(reader().describePinned(source)).rejects.toMatchObject(changed);
    }
  });

  test("by ETag go on reading an object uploaded again with the same bytes", async () => {
    const bucket = await s3().newBucket();
    await s3().put(bucket, "a", "same");
    const { source } = await pinned(bucket, "a");
    await s3().put(bucket, "a", "same");
    expect((await readAll(reader().read(source, { start: 1, end: 3 }))).toString()).toBe("am");
  });

  test("by version read that version after it was replaced and deleted", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    await s3().put(bucket, "a", "first");
    const { source, object } = await pinned(bucket, "a");
    await s3().put(bucket, "a", "second");
    await s3().client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "a" }));
    expect(source.pin.kind).toBe("version");
    expect((await readAll(reader().read(source, { start: 0, end: 5 }))).toString()).toBe("first");
    expect(await reader().describePinned(source)).toMatchObject({ etag: object.etag });
  });

  test("by version refuse a version that was deleted for good", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    await s3().put(bucket, "a", "first");
    const { source, object } = await pinned(bucket, "a");
    const VersionId = object.versionId;
    await s3().client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "a", VersionId }));
    const changed = { code: "source-changed" };
    await expect(readAll(reader().read(source, { start: 0, end: 5 }))).rejects.toMatchObject(changed);
    await expect(reader().describePinned(source)).rejects.toMatchObject(changed);
  });

  test("of a bucket whose versions are suspended are those of null versions by their ETag, for the next upload takes the same version id", async () => {
    const bucket = await s3().newBucket({ versioning: "Suspended" });
    await s3().put(bucket, "a", "first");
    const { source } = await pinned(bucket, "a");
    await s3().put(bucket, "a", "other");
    expect(source.pin.kind).toBe("null-version");
    await expect(readAll(reader().read(source, { start: 0, end: 5 }))).rejects.toMatchObject({
      code: "source-changed",
    });
  });

  test("of what was uploaded before its bucket kept versions hold it behind younger versions", async () => {
    const bucket = await s3().newBucket({ versioning: "Suspended" });
    await s3().put(bucket, "a", "first");
    const { source } = await pinned(bucket, "a");
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await s3().client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
    await s3().put(bucket, "a", "other");
    expect((await readAll(reader().read(source, { start: 0, end: 5 }))).toString()).toBe("first");
    expect(await reader().describePinned(source)).toMatchObject({ sizeBytes: 5, versionId: "null" });
  });
});

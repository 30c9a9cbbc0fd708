import { DeleteObjectCommand, PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import type { PinnedSource } from "../../../lambdas/ball/source.ts";
import { bodyOf, pinned, testArchives } from "./archive-uploads.ts";

const given = testArchives();

describe("bytes are copied of the pinned object", () => {
  const copied = async (source: PinnedSource, range = { start: 0, end: source.sizeBytes }) => {
    const upload = await given().begun();
    const part = await given().archives.copyPart(upload, 1, { source, range });
    await given().archives.complete(upload, [part], { lengthBytes: part.sizeBytes, crc32: undefined });
    return (await bodyOf(given().s3.client, given().bucket, upload.key)).toString();
  };

  test.each([
    "plain.txt",
    "a b+c/ü/日本/😀.txt",
    "100%/a%20b?versionId=x&y=z#f",
    "../up/./here//there/",
    "quote\"apostrophe's(star)*!~",
    " leading and trailing ",
    "back\\slash|pipe`tick^",
  ])("under any key: %s", async (key) => {
    await given().s3.put(given().source.bucket, key, `body of ${key}`);
    expect(await copied(await pinned(given().s3.client, given().source.bucket, key))).toBe(`body of ${key}`);
  });

  test("by its ETag, until there is another, or none", async () => {
    await given().s3.put(given().source.bucket, "changing", "before");
    const source = await pinned(given().s3.client, given().source.bucket, "changing");
    expect(await copied(source)).toBe("before");
    await given().s3.put(given().source.bucket, "changing", "behind");
    await expect(copied(source)).rejects.toMatchObject({ code: "source-changed" });
    await given().s3.client.send(new DeleteObjectCommand({ Bucket: given().source.bucket, Key: "changing" }));
    await expect(copied(source)).rejects.toMatchObject({ code: "source-changed" });
  });

  test("by its version, though there are younger ones, until it is removed", async () => {
    const bucket = await given().s3.newBucket({ versioning: "Enabled" });
    await given().s3.put(bucket, "k", "first");
    const source = await pinned(given().s3.client, bucket, "k");
    expect(source.pin.kind).toBe("version");
    await given().s3.put(bucket, "k", "second");
    expect(await copied(source)).toBe("first");
    await given().s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "k" }));
    expect(await copied(source, { start: 1, end: 4 })).toBe("irs");
    const VersionId = source.pin.kind === "version" ? source.pin.versionId : undefined;
    await given().s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "k", VersionId }));
    await expect(copied(source)).rejects.toMatchObject({ code: "source-changed" });
  });

  test('by its ETag as the version "null", behind younger ones', async () => {
    const bucket = await given().s3.newBucket();
    await given().s3.put(bucket, "k", "from before");
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await given().s3.client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
    const source = await pinned(given().s3.client, bucket, "k");
    expect(source.pin.kind).toBe("null-version");
    await given().s3.put(bucket, "k", "from behind");
    expect(await copied(source)).toBe("from before");
    const other: PinnedSource = { ...source, pin: { kind: "null-version", etag: '"other"' } };
    await expect(copied(other)).rejects.toMatchObject({ code: "source-changed" });
  });

  test("and not when its bucket, or its version, never was", async () => {
    const { source } = given();
    const version: PinnedSource = { ...source, pin: { kind: "version", versionId: "never" } };
    await expect(copied({ ...source, bucket: "never-was" })).rejects.toMatchObject({
      code: "source-changed",
    });
    await expect(copied(version)).rejects.toBeInstanceOf(Error);
  });

  test("and not of an object of the bucket itself that was replaced, or cleaned up", async () => {
    const { upload: made, parts, whole } = await given().small();
    const object = await given().archives.complete(made, parts, whole);
    const upload = await given().begun();
    const range = { start: 0, end: object.lengthBytes };
    const gone = { code: "upload-gone" };
    const replaced = { ...object, etag: '"other"' };
    await expect(given().archives.joinPart(upload, 1, { object: replaced, range })).rejects.toMatchObject(
      gone,
    );
    await given().archives.removeAll(made.key);
    await expect(given().archives.joinPart(upload, 1, { object, range })).rejects.toMatchObject(gone);
  });
});

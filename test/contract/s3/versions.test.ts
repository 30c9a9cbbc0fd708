import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { beforeAll, describe, expect, test } from "vitest";
import { refusal, serverUnderTest } from "./server-under-test.ts";

const server = serverUnderTest();
let Bucket = "";
beforeAll(async () => {
  Bucket = await server().newBucket({ versioning: "Enabled" });
});

async function put(Key: string, Body: string, bucket = Bucket): Promise<string> {
  const { VersionId } = await server().client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  return VersionId ?? "";
}

async function textOf(Key: string, VersionId?: string, bucket = Bucket): Promise<string | undefined> {
  const { Body } = await server().client.send(new GetObjectCommand({ Bucket: bucket, Key, VersionId }));
  return Body?.transformToString();
}

const remove = (Key: string, VersionId?: string, bucket = Bucket) =>
  server().client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }));
const versions = (input: Omit<ListObjectVersionsCommandInput, "Bucket">, bucket = Bucket) =>
  server().client.send(new ListObjectVersionsCommand({ Bucket: bucket, ...input }));
const suspend = (bucket: string) =>
  server().client.send(
    new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: "Suspended" } }),
  );

describe("a versioned bucket", () => {
  test("keeps every version of a key readable by its id", async () => {
    const first = await put("kept", "first");
    const second = await put("kept", "second");
    expect(second).not.toBe(first);
    expect(await textOf("kept")).toBe("second");
    expect(await textOf("kept", first)).toBe("first");
    const head = await server().client.send(new HeadObjectCommand({ Bucket, Key: "kept", VersionId: first }));
    expect(head).toMatchObject({ VersionId: first, ContentLength: 5 });
    expect((await server().client.send(new HeadObjectCommand({ Bucket, Key: "kept" }))).VersionId).toBe(
      second,
    );
  });

  test("puts a delete marker on a deleted key, whose versions stay", async () => {
    const version = await put("hidden", "still there");
    const deletion = await remove("hidden");
    expect(deletion).toMatchObject({ DeleteMarker: true, VersionId: expect.stringMatching(/./) });
    expect(await refusal(textOf("hidden"))).toMatchObject({ code: "NoSuchKey", status: 404 });
    expect(await textOf("hidden", version)).toBe("still there");
    const { Contents } = await server().client.send(new ListObjectsV2Command({ Bucket, Prefix: "hidden" }));
    expect(Contents).toBeUndefined();
  });

  test("answers 404 with x-amz-delete-marker for a deleted key, 405 for the marker itself", async () => {
    await put("marked", "x");
    const { VersionId } = await remove("marked");
    const { client } = server();
    const latest = await fetch(await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: "marked" })));
    expect([latest.status, latest.headers.get("x-amz-delete-marker")]).toEqual([404, "true"]);
    expect(latest.headers.get("x-amz-version-id")).toBe(VersionId);
    const marker = await fetch(
      await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: "marked", VersionId })),
    );
    expect([marker.status, marker.headers.get("x-amz-delete-marker")]).toEqual([405, "true"]);
    expect(await marker.text()).toContain("<Code>MethodNotAllowed</Code>");
  });

  test("gives a key back when its delete marker is deleted", async () => {
    await put("restored", "back");
    const { VersionId } = await remove("restored");
    expect(await remove("restored", VersionId)).toMatchObject({ DeleteMarker: true, VersionId });
    expect(await textOf("restored")).toBe("back");
  });

  test("deletes a version for good; the one before becomes the latest", async () => {
    await put("undone", "first");
    const second = await put("undone", "second");
    expect(await remove("undone", second)).toMatchObject({ VersionId: second });
    expect(await textOf("undone")).toBe("first");
    expect(await refusal(textOf("undone", second))).toMatchObject({ code: "NoSuchVersion", status: 404 });
  });

  test("answers InvalidArgument for what can not be a version id", async () => {
    await put("id", "x");
    expect(await refusal(textOf("id", "no such thing"))).toMatchObject({
      code: "InvalidArgument",
      status: 400,
    });
  });

  test("DeleteObjects deletes versions and makes markers", async () => {
    const version = await put("many/1", "x");
    await put("many/2", "x");
    const Objects = [{ Key: "many/1", VersionId: version }, { Key: "many/2" }];
    const { Deleted = [] } = await server().client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects } }),
    );
    expect(Deleted[0]).toMatchObject({ Key: "many/1", VersionId: version });
    expect(Deleted[1]).toMatchObject({ Key: "many/2", DeleteMarker: true });
    expect(Deleted[1]?.DeleteMarkerVersionId).toBeTruthy();
  });
});

describe("ListObjectVersions", () => {
  let bucket = "";
  let ids: Record<"a1" | "a2" | "marker" | "b1" | "c1", string>;
  beforeAll(async () => {
    bucket = await server().newBucket({ versioning: "Enabled" });
    ids = {
      a1: await put("a", "1", bucket),
      a2: await put("a", "22", bucket),
      marker: (await remove("a", undefined, bucket)).VersionId ?? "",
      b1: await put("b/x", "1", bucket),
      c1: await put("c", "1", bucket),
    };
  });

  test("lists versions and delete markers, the newest of a key first", async () => {
    const { Versions = [], DeleteMarkers = [], IsTruncated } = await versions({}, bucket);
    expect(Versions.map(({ VersionId }) => VersionId)).toEqual([ids.a2, ids.a1, ids.b1, ids.c1]);
    expect(Versions.map(({ IsLatest }) => IsLatest)).toEqual([false, false, true, true]);
    expect(Versions[0]).toMatchObject({
      Key: "a",
      Size: 2,
      StorageClass: "STANDARD",
      ChecksumAlgorithm: ["CRC32"],
    });
    expect(DeleteMarkers).toMatchObject([{ Key: "a", VersionId: ids.marker, IsLatest: true }]);
    expect(IsTruncated).toBe(false);
  });

  test.each([1, 2, 3])("pages of %i give every version once", async (MaxKeys) => {
    const found: (string | undefined)[] = [];
    let KeyMarker: string | undefined;
    let VersionIdMarker: string | undefined;
    do {
      const page = await versions({ MaxKeys, KeyMarker, VersionIdMarker }, bucket);
      const entries = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      expect(entries.length).toBeLessThanOrEqual(MaxKeys);
      found.push(...entries.map(({ VersionId }) => VersionId));
      KeyMarker = page.NextKeyMarker;
      VersionIdMarker = page.NextVersionIdMarker;
    } while (KeyMarker !== undefined);
    expect(found.sort()).toEqual(Object.values(ids).sort());
  });

  test("prefix and delimiter work as for objects", async () => {
    const rolled = await versions({ Delimiter: "/" }, bucket);
    expect(rolled.CommonPrefixes).toEqual([{ Prefix: "b/" }]);
    expect((await versions({ Prefix: "b/" }, bucket)).Versions).toMatchObject([{ VersionId: ids.b1 }]);
  });

  test("a key marker alone begins with the next key", async () => {
    const { Versions = [], DeleteMarkers } = await versions({ KeyMarker: "a" }, bucket);
    expect(Versions.map(({ Key }) => Key)).toEqual(["b/x", "c"]);
    expect(DeleteMarkers).toBeUndefined();
  });
});

describe("an unversioned and a suspended bucket", () => {
  test("an object of an unversioned bucket has the version null, which is not told", async () => {
    const bucket = await server().newBucket();
    expect(await put("plain", "x", bucket)).toBe("");
    expect((await versions({}, bucket)).Versions).toMatchObject([
      { Key: "plain", VersionId: "null", IsLatest: true },
    ]);
    expect(await textOf("plain", "null", bucket)).toBe("x");
  });

  test("what was there before versioning stays, as version null", async () => {
    const bucket = await server().newBucket();
    await put("old", "before", bucket);
    await server().client.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } }),
    );
    const version = await put("old", "after", bucket);
    expect(await textOf("old", "null", bucket)).toBe("before");
    expect(await textOf("old", version, bucket)).toBe("after");
  });

  test("while suspended a PUT replaces version null and nothing else", async () => {
    const bucket = await server().newBucket({ versioning: "Enabled" });
    const kept = await put("s", "kept", bucket);
    await suspend(bucket);
    await put("s", "null 1", bucket);
    await put("s", "null 2", bucket);
    expect(await textOf("s", undefined, bucket)).toBe("null 2");
    expect(await textOf("s", kept, bucket)).toBe("kept");
    const { Versions = [] } = await versions({}, bucket);
    expect(Versions.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      ["null", true],
      [kept, false],
    ]);
  });

  test("while suspended a deletion replaces version null by a marker of that id", async () => {
    const bucket = await server().newBucket({ versioning: "Enabled" });
    const kept = await put("s", "kept", bucket);
    await suspend(bucket);
    await put("s", "null", bucket);
    expect(await remove("s", undefined, bucket)).toMatchObject({ DeleteMarker: true, VersionId: "null" });
    expect(await refusal(textOf("s", undefined, bucket))).toMatchObject({ code: "NoSuchKey" });
    expect(await textOf("s", kept, bucket)).toBe("kept");
    const { DeleteMarkers } = await versions({}, bucket);
    expect(DeleteMarkers).toMatchObject([{ VersionId: "null", IsLatest: true }]);
  });
});

import {
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  type GetObjectAttributesCommandInput,
  HeadObjectCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { refusal, serverUnderTest } from "./server-under-test.ts";
import { bodies, crcOf, uploadsInto, whole } from "./uploads.ts";

const server = serverUnderTest();
let Bucket = "";
beforeAll(async () => {
  Bucket = await server().newBucket();
});
const { create, uploadPart, complete, uploadAll } = uploadsInto(
  () => server().client,
  () => Bucket,
);

const all = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"] as const;
const attributesOf = (Key: string, more: Partial<GetObjectAttributesCommandInput> = {}) =>
  server().client.send(new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: [...all], ...more }));
const put = (Key: string, Body: string | Buffer, more: { ChecksumAlgorithm?: "CRC32" | "SHA256" } = {}) =>
  server().client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

describe("attributes of an object put at once", () => {
  test("are its ETag without quotation marks, checksum, class and size, and no parts", async () => {
    const { ETag } = await put("one", "hello", { ChecksumAlgorithm: "CRC32" });
    const { $metadata, LastModified, ...attributes } = await attributesOf("one");
    expect(attributes).toEqual({
      ETag: ETag?.replaceAll('"', ""),
      Checksum: { ChecksumCRC32: crcOf(Buffer.from("hello")), ChecksumType: "FULL_OBJECT" },
      StorageClass: "STANDARD",
      ObjectSize: 5,
    });
    const head = await server().client.send(new HeadObjectCommand({ Bucket, Key: "one" }));
    expect(LastModified).toEqual(head.LastModified);
  });

  test("are only those asked for", async () => {
    await put("asked", "hello");
    const { $metadata, LastModified, ...attributes } = await attributesOf("asked", {
      ObjectAttributes: ["ObjectSize"],
    });
    expect(attributes).toEqual({ ObjectSize: 5 });
  });

  test("of none, and of one that does not exist, are refused", async () => {
    await put("refused", "hello");
    expect(await refusal(attributesOf("refused", { ObjectAttributes: [] }))).toMatchObject({ status: 400 });
    const command = new GetObjectAttributesCommand({ Bucket, Key: "refused", ObjectAttributes: [] });
    Object.assign(command.input, { ObjectAttributes: ["ETag", "Colour"] });
    expect(await refusal(server().client.send(command))).toMatchObject({
      code: "InvalidArgument",
      status: 400,
    });
  });

  test("that is not there answer NoSuchKey", async () => {
    expect(await refusal(attributesOf("nothing"))).toMatchObject({ code: "NoSuchKey", status: 404 });
  });
});

describe("attributes of an object uploaded in parts", () => {
  test("tell each part's size and CRC32 where the checksum is composed of them", async () => {
    const { UploadId, Parts } = await uploadAll("composite");
    const { ETag, ChecksumCRC32 } = await complete("composite", UploadId, Parts);
    expect(await attributesOf("composite")).toMatchObject({
      ETag: ETag?.replaceAll('"', ""),
      // The part count is left out here.
      Checksum: { ChecksumCRC32: ChecksumCRC32?.replace("-3", ""), ChecksumType: "COMPOSITE" },
      ObjectSize: whole.length,
      ObjectParts: {
        TotalPartsCount: 3,
        IsTruncated: false,
        MaxParts: 1000,
        PartNumberMarker: "0",
        Parts: bodies.map((body, index) => ({
          PartNumber: index + 1,
          Size: body.length,
          ChecksumCRC32: crcOf(body),
        })),
      },
    });
  });

  test("come in pages", async () => {
    const { UploadId, Parts } = await uploadAll("pages");
    await complete("pages", UploadId, Parts);
    const first = await attributesOf("pages", { MaxParts: 2 });
    expect(first.ObjectParts).toMatchObject({ IsTruncated: true, MaxParts: 2, NextPartNumberMarker: "2" });
    expect(first.ObjectParts?.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([1, 2]);
    const rest = await attributesOf("pages", { MaxParts: 2, PartNumberMarker: "2" });
    expect(rest.ObjectParts).toMatchObject({ IsTruncated: false, PartNumberMarker: "2", TotalPartsCount: 3 });
    expect(rest.ObjectParts?.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([3]);
  });

  test.each([
    ["a checksum of the full object", { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" }],
    ["a CRC64NVME, which is none of parts", { ChecksumAlgorithm: "CRC64NVME" }],
  ] as const)("tell only how many there were with %s", async (name, input) => {
    const { UploadId, Parts } = await uploadAll(name, input);
    await complete(name, UploadId, Parts);
    const { Checksum, ObjectParts } = await attributesOf(name);
    expect(ObjectParts).toEqual({ TotalPartsCount: 3 });
    expect(Checksum?.ChecksumType).toBe("FULL_OBJECT");
  });

  test("do not tell those of an object before it", async () => {
    const { UploadId, Parts } = await uploadAll("again");
    await complete("again", UploadId, Parts);
    const again = await create("again", { ChecksumAlgorithm: "CRC32" });
    const part = await uploadPart({ Key: "again", UploadId: again, PartNumber: 1, Body: "short" });
    const { ETag, ChecksumCRC32 } = part;
    await complete("again", again, [{ PartNumber: 1, ETag, ChecksumCRC32, ChecksumSHA256: undefined }]);
    const { ObjectParts, ObjectSize } = await attributesOf("again");
    expect(ObjectSize).toBe(5);
    expect(ObjectParts?.Parts).toEqual([{ PartNumber: 1, Size: 5, ChecksumCRC32 }]);
  });
});

describe("attributes in a bucket with versions", () => {
  test("are those of the version that is named, and its id is told", async () => {
    const versioned = await server().newBucket({ versioning: "Enabled" });
    const send = (Body: string) =>
      server().client.send(new PutObjectCommand({ Bucket: versioned, Key: "a", Body }));
    const { VersionId } = await send("first");
    const newest = await send("second one");
    const named = await attributesOf("a", { Bucket: versioned, VersionId });
    expect(named).toMatchObject({ VersionId, ObjectSize: 5 });
    const { VersionId: told, ObjectSize } = await attributesOf("a", { Bucket: versioned });
    expect({ told, ObjectSize }).toEqual({ told: newest.VersionId, ObjectSize: 10 });
  });

  test("of a deleted object answer NoSuchKey, and of its delete marker MethodNotAllowed", async () => {
    const versioned = await server().newBucket({ versioning: "Enabled" });
    await server().client.send(new PutObjectCommand({ Bucket: versioned, Key: "a", Body: "x" }));
    const marker = await server().client.send(new DeleteObjectCommand({ Bucket: versioned, Key: "a" }));
    expect(await refusal(attributesOf("a", { Bucket: versioned }))).toMatchObject({ status: 404 });
    const named = attributesOf("a", { Bucket: versioned, VersionId: marker.VersionId });
    expect(await refusal(named)).toMatchObject({ code: "MethodNotAllowed", status: 405 });
  });
});

import { createHash } from "node:crypto";
import { HeadObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { refusal, serverUnderTest } from "./server-under-test.ts";
import { bodies, crcOf, uploadsInto, whole } from "./uploads.ts";

const server = serverUnderTest();
let Bucket = "";
beforeAll(async () => {
  Bucket = await server().newBucket();
});
const { create, uploadPart, complete, uploadAll, uploadOne } = uploadsInto(
  () => server().client,
  () => Bucket,
);

describe("checksums of an upload", () => {
  const compositeCrc32 = `${crcOf(Buffer.concat(bodies.map((body) => Buffer.from(crcOf(body), "base64"))))}-3`;
  const headOf = (Key: string) =>
    server().client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));

  test("CRC32 is COMPOSITE unless asked otherwise", async () => {
    const { UploadId, Parts } = await uploadAll("composite");
    expect(Parts.map(({ ChecksumCRC32 }) => ChecksumCRC32)).toEqual(bodies.map(crcOf));
    const told = { ChecksumCRC32: compositeCrc32, ChecksumType: "COMPOSITE" };
    expect(await complete("composite", UploadId, Parts)).toMatchObject(told);
    expect(await headOf("composite")).toMatchObject(told);
    const { Contents } = await server().client.send(
      new ListObjectsV2Command({ Bucket, Prefix: "composite" }),
    );
    expect(Contents?.[0]).toMatchObject({ ChecksumAlgorithm: ["CRC32"], ChecksumType: "COMPOSITE" });
  });

  test("a FULL_OBJECT CRC32 is that of the bytes, and may be declared", async () => {
    const { UploadId, Parts } = await uploadAll("full", {
      ChecksumAlgorithm: "CRC32",
      ChecksumType: "FULL_OBJECT",
    });
    const declared = { ChecksumCRC32: crcOf(whole), ChecksumType: "FULL_OBJECT" } as const;
    expect(await complete("full", UploadId, Parts, declared)).toMatchObject(declared);
    expect(await headOf("full")).toMatchObject(declared);
  });

  test("a declared FULL_OBJECT CRC32 of other bytes answers BadDigest and completes nothing", async () => {
    const { UploadId, Parts } = await uploadOne("lie", {
      ChecksumAlgorithm: "CRC32",
      ChecksumType: "FULL_OBJECT",
    });
    const refused = complete("lie", UploadId, Parts, {
      ChecksumCRC32: "AAAAAA==",
      ChecksumType: "FULL_OBJECT",
    });
    expect(await refusal(refused)).toMatchObject({ code: "BadDigest", status: 400 });
    expect(await refusal(headOf("lie"))).toMatchObject({ status: 404 });
  });

  test("SHA256 is composed of the parts' hashes", async () => {
    const { UploadId, Parts } = await uploadAll("sha", { ChecksumAlgorithm: "SHA256" });
    await complete("sha", UploadId, Parts);
    const hashes = bodies.map((body) => createHash("sha256").update(body).digest());
    const expected = `${createHash("sha256").update(Buffer.concat(hashes)).digest("base64")}-3`;
    expect(await headOf("sha")).toMatchObject({ ChecksumSHA256: expected, ChecksumType: "COMPOSITE" });
  });

  test("SHA256 of a full object does not exist", async () => {
    const refused = create("sha-full", { ChecksumAlgorithm: "SHA256", ChecksumType: "FULL_OBJECT" });
    expect(await refusal(refused)).toMatchObject({ code: "InvalidRequest", status: 400 });
  });

  test("a part whose checksum is wrong answers BadDigest", async () => {
    const UploadId = await create("bad-part", { ChecksumAlgorithm: "CRC32" });
    const refused = uploadPart({
      Key: "bad-part",
      UploadId,
      PartNumber: 1,
      Body: "x",
      ChecksumCRC32: "AAAAAA==",
    });
    expect(await refusal(refused)).toMatchObject({ code: "BadDigest", status: 400 });
  });

  test("a part with another algorithm than its upload's answers InvalidRequest", async () => {
    const UploadId = await create("other", { ChecksumAlgorithm: "SHA256" });
    const refused = uploadPart({
      Key: "other",
      UploadId,
      PartNumber: 1,
      Body: "x",
      ChecksumAlgorithm: "CRC32",
    });
    expect(await refusal(refused)).toMatchObject({ code: "InvalidRequest", status: 400 });
  });

  test("a composite upload completes only with the checksums of its parts", async () => {
    const { UploadId, Parts } = await uploadOne("unnamed");
    const bare = Parts.map(({ PartNumber, ETag }) => ({
      PartNumber,
      ETag,
      ChecksumCRC32: undefined,
      ChecksumSHA256: undefined,
    }));
    expect(await refusal(complete("unnamed", UploadId, bare))).toMatchObject({ code: "InvalidRequest" });
  });
});

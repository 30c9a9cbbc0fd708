import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  type UploadPartCommandInput,
  type UploadPartCommandOutput,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { beforeAll, describe, expect, test } from "vitest";
import { refusal, serverUnderTest } from "./server-under-test.ts";

const server = serverUnderTest();
const leastPart = 5 * 1024 * 1024;
const bodies = [randomBytes(leastPart), randomBytes(leastPart + 1), Buffer.from("the last may be small")];
const whole = Buffer.concat(bodies);
let Bucket = "";
beforeAll(async () => {
  Bucket = await server().newBucket();
});

const crcOf = (bytes: Buffer) => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString("base64");
};

async function create(Key: string, input: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> {
  const { UploadId } = await server().client.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ...input }),
  );
  return UploadId ?? "";
}

const uploadPart = (
  input: Pick<UploadPartCommandInput, "Key" | "UploadId" | "PartNumber" | "Body"> &
    Partial<UploadPartCommandInput>,
) => server().client.send(new UploadPartCommand({ Bucket, ...input }));

const listed = (PartNumber: number, part: UploadPartCommandOutput) => ({
  PartNumber,
  ETag: part.ETag,
  ChecksumCRC32: part.ChecksumCRC32,
  ChecksumSHA256: part.ChecksumSHA256,
});

type Parts = ReturnType<typeof listed>[];

const complete = (
  Key: string,
  UploadId: string,
  Parts: Parts,
  input: Partial<CompleteMultipartUploadCommandInput> = {},
) => {
  const MultipartUpload = { Parts };
  return server().client.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload, ...input }),
  );
};

/** An upload of all bodies, its parts sent last to first. */
async function uploadAll(
  Key: string,
  input: Partial<CreateMultipartUploadCommandInput> = { ChecksumAlgorithm: "CRC32" },
): Promise<{ UploadId: string; Parts: Parts }> {
  const UploadId = await create(Key, input);
  const Parts: Parts = [];
  for (const [index, Body] of [...bodies.entries()].reverse()) {
    const PartNumber = index + 1;
    const part = await uploadPart({
      Key,
      UploadId,
      PartNumber,
      Body,
      ChecksumAlgorithm: input.ChecksumAlgorithm,
    });
    Parts.unshift(listed(PartNumber, part));
  }
  return { UploadId, Parts };
}

/** An upload of one small part. */
async function uploadOne(
  Key: string,
  input: Partial<CreateMultipartUploadCommandInput> = { ChecksumAlgorithm: "CRC32" },
): Promise<{ UploadId: string; Parts: Parts }> {
  const UploadId = await create(Key, input);
  const part = await uploadPart({ Key, UploadId, PartNumber: 1, Body: "one part" });
  return { UploadId, Parts: [listed(1, part)] };
}

async function bodyOf(Key: string, Range?: string): Promise<Buffer> {
  const { Body } = await server().client.send(new GetObjectCommand({ Bucket, Key, Range }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

describe("a completed upload", () => {
  let completedEtag: string | undefined;
  beforeAll(async () => {
    const { UploadId, Parts } = await uploadAll("whole");
    completedEtag = (await complete("whole", UploadId, Parts)).ETag;
  });

  test("is the concatenation of its parts, in order of their numbers", async () => {
    expect((await bodyOf("whole")).equals(whole)).toBe(true);
  });

  test.each([
    [leastPart - 3, leastPart + 3],
    [0, leastPart],
    [leastPart, 2 * leastPart + 1],
    [2 * leastPart, whole.length],
    [1, whole.length - 1],
  ])("answers the range from %i to %i, wherever parts meet", async (start, end) => {
    const bytes = await bodyOf("whole", `bytes=${start}-${end - 1}`);
    expect(bytes.equals(whole.subarray(start, end))).toBe(true);
  });

  test("has the MD5 of its parts' MD5s as ETag, and their number", async () => {
    const md5s = bodies.map((body) => createHash("md5").update(body).digest());
    const expected = `"${createHash("md5").update(Buffer.concat(md5s)).digest("hex")}-3"`;
    expect(completedEtag).toBe(expected);
    expect((await server().client.send(new HeadObjectCommand({ Bucket, Key: "whole" }))).ETag).toBe(expected);
  });

  test("may leave uploaded parts out and skip numbers", async () => {
    const UploadId = await create("some", { ChecksumAlgorithm: "CRC32" });
    const parts: Parts = [];
    for (const PartNumber of [1, 5, 9]) {
      const part = await uploadPart({ Key: "some", UploadId, PartNumber, Body: `part ${PartNumber}` });
      parts.push(listed(PartNumber, part));
    }
    await complete("some", UploadId, parts.slice(2));
    expect((await bodyOf("some")).toString()).toBe("part 9");
  });

  test("keeps headers, metadata and class given when it was begun", async () => {
    const described = {
      ContentType: "text/plain",
      Metadata: { a: "b" },
      StorageClass: "STANDARD_IA",
    } as const;
    const UploadId = await create("described", { ...described, ChecksumAlgorithm: "CRC32" });
    const part = await uploadPart({ Key: "described", UploadId, PartNumber: 1, Body: "x" });
    await complete("described", UploadId, [listed(1, part)]);
    expect(await server().client.send(new HeadObjectCommand({ Bucket, Key: "described" }))).toMatchObject(
      described,
    );
  });

  test("is no upload any more", async () => {
    const { UploadId, Parts } = await uploadOne("done");
    await complete("done", UploadId, Parts);
    const late = uploadPart({ Key: "done", UploadId, PartNumber: 4, Body: "x" });
    expect(await refusal(late)).toMatchObject({ code: "NoSuchUpload", status: 404 });
  });

  test("a part sent twice counts as sent last", async () => {
    const UploadId = await create("again", { ChecksumAlgorithm: "CRC32" });
    const first = await uploadPart({ Key: "again", UploadId, PartNumber: 1, Body: "first" });
    const second = await uploadPart({ Key: "again", UploadId, PartNumber: 1, Body: "second" });
    const stale = complete("again", UploadId, [listed(1, first)]);
    expect(await refusal(stale)).toMatchObject({ code: "InvalidPart", status: 400 });
    await complete("again", UploadId, [listed(1, second)]);
    expect((await bodyOf("again")).toString()).toBe("second");
  });

  test("lib-storage's Upload of a stream arrives whole", async () => {
    const { client } = server();
    const { Readable } = await import("node:stream");
    const body = Readable.from(bodies);
    await new Upload({ client, params: { Bucket, Key: "lib-storage", Body: body } }).done();
    expect((await bodyOf("lib-storage")).equals(whole)).toBe(true);
  });
});

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

describe("an upload that can not be completed", () => {
  test("has a part but the last below 5 MiB", async () => {
    const UploadId = await create("small", { ChecksumAlgorithm: "CRC32" });
    const Parts: Parts = [];
    for (const [index, size] of [leastPart - 1, 1].entries()) {
      const Body = Buffer.alloc(size);
      const PartNumber = index + 1;
      Parts.push(listed(PartNumber, await uploadPart({ Key: "small", UploadId, PartNumber, Body })));
    }
    const refused = complete("small", UploadId, Parts);
    expect(await refusal(refused)).toMatchObject({ code: "EntityTooSmall", status: 400 });
  });

  test("lists its parts out of order", async () => {
    const { UploadId, Parts } = await uploadOne("order");
    Parts.push(listed(2, await uploadPart({ Key: "order", UploadId, PartNumber: 2, Body: "another" })));
    const refused = complete("order", UploadId, [...Parts].reverse());
    expect(await refusal(refused)).toMatchObject({ code: "InvalidPartOrder", status: 400 });
  });

  test("lists a part that was never sent", async () => {
    const { UploadId, Parts } = await uploadOne("missing");
    const invented = Parts.map((part, index) => (index === 0 ? { ...part, PartNumber: 7 } : part));
    const refused = complete("missing", UploadId, invented);
    expect(await refusal(refused)).toMatchObject({ code: "InvalidPart", status: 400 });
  });

  test("meets If-None-Match: * on a key that is taken", async () => {
    await server().client.send(new PutObjectCommand({ Bucket, Key: "taken", Body: "first" }));
    const { UploadId, Parts } = await uploadOne("taken");
    const refused = complete("taken", UploadId, Parts, { IfNoneMatch: "*" });
    expect(await refusal(refused)).toMatchObject({ code: "PreconditionFailed", status: 412 });
    expect((await bodyOf("taken")).toString()).toBe("first");
  });

  test("was aborted", async () => {
    const { UploadId, Parts } = await uploadOne("aborted");
    const aborted = await server().client.send(
      new AbortMultipartUploadCommand({ Bucket, Key: "aborted", UploadId }),
    );
    expect(aborted.$metadata.httpStatusCode).toBe(204);
    expect(await refusal(complete("aborted", UploadId, Parts))).toMatchObject({ code: "NoSuchUpload" });
  });

  test.each([0, 10_001])("can not have a part %i", async (PartNumber) => {
    const UploadId = await create("numbers", { ChecksumAlgorithm: "CRC32" });
    const refused = uploadPart({ Key: "numbers", UploadId, PartNumber, Body: "x" });
    expect(await refusal(refused)).toMatchObject({ code: "InvalidArgument", status: 400 });
  });
});

describe("listings of uploads", () => {
  test("ListParts tells what was sent so far, in pages", async () => {
    const { client } = server();
    const Key = "parts";
    const UploadId = await create(Key, { ChecksumAlgorithm: "CRC32" });
    const sent = [1, 2, 7].map((PartNumber) => ({ PartNumber, Body: `part ${PartNumber}` }));
    for (const part of sent) await uploadPart({ Key, UploadId, ...part });
    const told = sent.map(({ PartNumber, Body }) => ({
      PartNumber,
      Size: Body.length,
      ETag: `"${createHash("md5").update(Body).digest("hex")}"`,
      ChecksumCRC32: crcOf(Buffer.from(Body)),
    }));
    const first = await client.send(new ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 2 }));
    expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: "2", ChecksumAlgorithm: "CRC32" });
    expect(first.Parts).toMatchObject(told.slice(0, 2));
    const PartNumberMarker = first.NextPartNumberMarker;
    const rest = await client.send(new ListPartsCommand({ Bucket, Key, UploadId, PartNumberMarker }));
    expect(rest.Parts).toMatchObject(told.slice(2));
    expect(rest.IsTruncated).toBe(false);
  });

  test("ListMultipartUploads tells what is under way, by key", async () => {
    const bucket = await server().newBucket();
    const { client } = server();
    const begin = async (Key: string) =>
      (await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }))).UploadId;
    const ids = [await begin("u/b"), await begin("u/a"), await begin("u/a"), await begin("v")];
    const { Uploads = [] } = await client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: "u/" }),
    );
    expect(Uploads.map(({ Key, UploadId }) => [Key, UploadId])).toEqual([
      ["u/a", ids[1]],
      ["u/a", ids[2]],
      ["u/b", ids[0]],
    ]);
    const first = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, MaxUploads: 1 }));
    expect(first.IsTruncated).toBe(true);
    const { Uploads: rest = [] } = await client.send(
      new ListMultipartUploadsCommand({
        Bucket: bucket,
        KeyMarker: first.NextKeyMarker,
        UploadIdMarker: first.NextUploadIdMarker,
      }),
    );
    expect(rest.map(({ UploadId }) => UploadId)).toEqual([ids[2], ids[0], ids[3]]);
    const rolled = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Delimiter: "/" }));
    expect(rolled.CommonPrefixes).toEqual([{ Prefix: "u/" }]);
  });
});

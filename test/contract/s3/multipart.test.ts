import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { beforeAll, describe, expect, test } from "vitest";
import { refusal, serverUnderTest } from "./server-under-test.ts";
import { bodies, crcOf, leastPart, listed, type Parts, uploadsInto, whole } from "./uploads.ts";

const server = serverUnderTest();
let Bucket = "";
beforeAll(async () => {
  Bucket = await server().newBucket();
});
const { create, uploadPart, complete, uploadAll, uploadOne, bodyOf } = uploadsInto(
  () => server().client,
  () => Bucket,
);

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
    const body = Readable.from(bodies);
    await new Upload({ client, params: { Bucket, Key: "lib-storage", Body: body } }).done();
    expect((await bodyOf("lib-storage")).equals(whole)).toBe(true);
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

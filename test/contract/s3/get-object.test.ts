import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { beforeAll, describe, expect, test } from "vitest";
import { refusal, serverUnderTest } from "./server-under-test.ts";

const server = serverUnderTest();
const Key = "hundred";
const hundred = Buffer.from(Array.from({ length: 100 }, (_, n) => n));
let Bucket = "";
let etag = "";
let modified = new Date(0);

beforeAll(async () => {
  Bucket = await server().newBucket();
  await server().client.send(new PutObjectCommand({ Bucket, Key: "empty", Body: Buffer.alloc(0) }));
  const { ETag = "" } = await server().client.send(new PutObjectCommand({ Bucket, Key, Body: hundred }));
  etag = ETag;
  const { LastModified } = await server().client.send(new HeadObjectCommand({ Bucket, Key }));
  modified = LastModified ?? modified;
});

const get = (input: Omit<GetObjectCommandInput, "Bucket" | "Key"> & { Key?: string } = {}) =>
  server().client.send(new GetObjectCommand({ Bucket, Key, ...input }));
const bytesOf = async (input: Parameters<typeof get>[0]) =>
  Buffer.from((await (await get(input)).Body?.transformToByteArray()) ?? []);

/** A GET or HEAD with headers the SDK would not send. */
async function raw(headers: Record<string, string>, key = Key, method = "GET"): Promise<Response> {
  const input = { Bucket, Key: key };
  const command = method === "HEAD" ? new HeadObjectCommand(input) : new GetObjectCommand(input);
  const url = await getSignedUrl(server().client, command);
  return fetch(url, { method, headers });
}

describe("the whole object", () => {
  test("GET and HEAD tell length, ETag, time and that ranges work", async () => {
    for (const method of ["GET", "HEAD"]) {
      const answer = await raw({ "accept-encoding": "identity" }, Key, method);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-length")).toBe("100");
      expect(answer.headers.get("etag")).toBe(etag);
      expect(answer.headers.get("accept-ranges")).toBe("bytes");
      expect(new Date(answer.headers.get("last-modified") ?? 0)).toEqual(modified);
      expect(answer.headers.get("x-amz-request-id")).toBeTruthy();
    }
    expect(modified.getMilliseconds()).toBe(0);
    expect(Math.abs(Date.now() - modified.getTime())).toBeLessThan(5 * 60_000);
  });

  test("a key that is not there answers NoSuchKey, to HEAD 404 without a body", async () => {
    expect(await refusal(get({ Key: "nothing" }))).toMatchObject({ code: "NoSuchKey", status: 404 });
    const head = await raw({}, "nothing", "HEAD");
    expect(head.status).toBe(404);
    expect(await head.text()).toBe("");
  });

  test("an error is an XML document with code, message and request id", async () => {
    const answer = await raw({}, "nothing");
    expect(answer.headers.get("content-type")).toContain("application/xml");
    const document = await answer.text();
    expect(document).toContain("<Code>NoSuchKey</Code>");
    expect(document).toContain(`<RequestId>${answer.headers.get("x-amz-request-id")}</RequestId>`);
  });

  test("checksums are told to those who ask", async () => {
    expect((await get({ ChecksumMode: "ENABLED" })).ChecksumCRC32).toBeDefined();
    expect((await raw({})).headers.get("x-amz-checksum-crc32")).toBeNull();
  });
});

describe("ranges", () => {
  test.each([
    ["bytes=0-0", 0, 1],
    ["bytes=0-99", 0, 100],
    ["bytes=10-19", 10, 20],
    ["bytes=99-", 99, 100],
    ["bytes=0-", 0, 100],
    ["bytes=90-1000", 90, 100],
    ["bytes=-1", 99, 100],
    ["bytes=-1000", 0, 100],
  ])("%s gives bytes %i to %i", async (Range, start, end) => {
    const answer = await get({ Range });
    expect(answer.$metadata.httpStatusCode).toBe(206);
    expect(answer.ContentRange).toBe(`bytes ${start}-${end - 1}/100`);
    expect(answer.ContentLength).toBe(end - start);
    const bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(hundred.subarray(start, end))).toBe(true);
  });

  test.each(["bytes=100-", "bytes=100-200", "bytes=-0"])("%s answers InvalidRange", async (Range) => {
    expect(await refusal(get({ Range }))).toMatchObject({ code: "InvalidRange", status: 416 });
  });

  test("any range of an empty object answers InvalidRange", async () => {
    expect(await refusal(get({ Key: "empty", Range: "bytes=0-" }))).toMatchObject({ status: 416 });
  });

  test.each(["bytes=20-10", "bytes=a-b", "items=0-1", "bytes=-"])("%s is ignored", async (range) => {
    const answer = await raw({ range });
    expect(answer.status).toBe(200);
    expect((await answer.arrayBuffer()).byteLength).toBe(100);
  });

  test("HEAD takes a range too", async () => {
    const answer = await raw({ range: "bytes=5-9", "accept-encoding": "identity" }, Key, "HEAD");
    expect(answer.status).toBe(206);
    expect(answer.headers.get("content-length")).toBe("5");
  });

  test("a ranged GET tells no checksum of the whole", async () => {
    expect((await get({ Range: "bytes=1-2", ChecksumMode: "ENABLED" })).ChecksumCRC32).toBeUndefined();
  });

  test("If-Range with the ETag gives the range, with another the whole", async () => {
    expect((await raw({ range: "bytes=1-2", "if-range": etag })).status).toBe(206);
    expect((await raw({ range: "bytes=1-2", "if-range": '"other"' })).status).toBe(200);
  });
});

describe("conditions", () => {
  const earlier = () => new Date(modified.getTime() - 60_000);
  const later = () => new Date(modified.getTime() + 1000);

  test("If-Match with the ETag, or with *, gives the object", async () => {
    expect(await bytesOf({ IfMatch: etag })).toHaveLength(100);
    expect(await bytesOf({ IfMatch: "*" })).toHaveLength(100);
  });

  test("If-Match with another ETag answers PreconditionFailed", async () => {
    expect(await refusal(get({ IfMatch: '"other"' }))).toMatchObject({
      code: "PreconditionFailed",
      status: 412,
    });
  });

  test("a pinned range of a replaced object answers PreconditionFailed", async () => {
    const { client } = server();
    const first = await client.send(new PutObjectCommand({ Bucket, Key: "pinned", Body: "first" }));
    await client.send(new PutObjectCommand({ Bucket, Key: "pinned", Body: "later" }));
    const pinned = get({ Key: "pinned", IfMatch: first.ETag, Range: "bytes=0-1" });
    expect(await refusal(pinned)).toMatchObject({ status: 412 });
  });

  test("If-Match on a key that is not there answers NoSuchKey", async () => {
    expect(await refusal(get({ Key: "nothing", IfMatch: etag }))).toMatchObject({ code: "NoSuchKey" });
  });

  test("If-None-Match with the ETag answers 304 with the ETag and no body", async () => {
    const answer = await raw({ "if-none-match": etag });
    expect(answer.status).toBe(304);
    expect(answer.headers.get("etag")).toBe(etag);
    expect(await answer.text()).toBe("");
    expect((await raw({ "if-none-match": '"other"' })).status).toBe(200);
  });

  test("If-Modified-Since answers 304 for the time of the object and 200 for an earlier one", async () => {
    expect((await raw({ "if-modified-since": modified.toUTCString() })).status).toBe(304);
    expect((await raw({ "if-modified-since": earlier().toUTCString() })).status).toBe(200);
  });

  test("If-Unmodified-Since answers 412 for an earlier time and 200 from its own on", async () => {
    expect(await refusal(get({ IfUnmodifiedSince: earlier() }))).toMatchObject({ status: 412 });
    expect(await bytesOf({ IfUnmodifiedSince: modified })).toHaveLength(100);
    expect(await bytesOf({ IfUnmodifiedSince: later() })).toHaveLength(100);
  });

  test("a true If-Match outweighs a false If-Unmodified-Since", async () => {
    expect(await bytesOf({ IfMatch: etag, IfUnmodifiedSince: earlier() })).toHaveLength(100);
  });

  test("a false If-None-Match outweighs a true If-Modified-Since", async () => {
    const answer = await raw({ "if-none-match": etag, "if-modified-since": earlier().toUTCString() });
    expect(answer.status).toBe(304);
  });

  test("conditions come before ranges", async () => {
    expect((await raw({ range: "bytes=1000-", "if-match": '"other"' })).status).toBe(412);
  });

  test("HEAD judges conditions too", async () => {
    expect((await raw({ "if-match": '"other"' }, Key, "HEAD")).status).toBe(412);
    expect((await raw({ "if-none-match": etag }, Key, "HEAD")).status).toBe(304);
  });
});

test("a deleted object is gone, and deleting it again is no error", async () => {
  const { client } = server();
  await client.send(new PutObjectCommand({ Bucket, Key: "short-lived", Body: "x" }));
  for (const attempt of [1, 2]) {
    const { $metadata } = await client.send(new DeleteObjectCommand({ Bucket, Key: "short-lived" }));
    expect($metadata.httpStatusCode, `attempt ${attempt}`).toBe(204);
  }
  expect(await refusal(get({ Key: "short-lived" }))).toMatchObject({ code: "NoSuchKey" });
});

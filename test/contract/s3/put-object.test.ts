import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type StorageClass,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { beforeAll, describe, expect, test } from "vitest";
import { refusal, serverUnderTest } from "./server-under-test.ts";

const server = serverUnderTest();
let Bucket = "";
beforeAll(async () => {
  Bucket = await server().newBucket();
});

const put = (input: Omit<PutObjectCommandInput, "Bucket">) =>
  server().client.send(new PutObjectCommand({ Bucket, ...input }));
const head = (Key: string) =>
  server().client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
const bodyOf = async (Key: string) => {
  const { Body } = await server().client.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

const nine = Buffer.from("123456789");
/** Check values of the CRC catalogue; the hashes are computed. */
const checksumsOfNine = {
  CRC32: "y/Q5Jg==",
  CRC32C: "4waSgw==",
  CRC64NVME: "rosUhgp5mIg=",
  SHA1: createHash("sha1").update(nine).digest("base64"),
  SHA256: createHash("sha256").update(nine).digest("base64"),
};

describe("an object's ETag, type and metadata", () => {
  test("the ETag is the quoted MD5 of the body", async () => {
    const { ETag } = await put({ Key: "etag", Body: nine });
    expect(ETag).toBe(`"${createHash("md5").update(nine).digest("hex")}"`);
    expect((await head("etag")).ETag).toBe(ETag);
  });

  test("an empty object has length 0 and the MD5 of nothing", async () => {
    const { ETag } = await put({ Key: "empty", Body: Buffer.alloc(0) });
    expect(ETag).toBe('"d41d8cd98f00b204e9800998ecf8427e"');
    expect((await head("empty")).ContentLength).toBe(0);
    expect(await bodyOf("empty")).toHaveLength(0);
  });

  test("a second PUT replaces the first", async () => {
    await put({ Key: "twice", Body: "first and longer" });
    await put({ Key: "twice", Body: "second" });
    expect((await bodyOf("twice")).toString()).toBe("second");
  });

  test("headers and user metadata come back as they were given", async () => {
    const described = {
      ContentType: "text/x-test; charset=utf-8",
      CacheControl: "max-age=60",
      ContentDisposition: 'attachment; filename="x.txt"',
      ContentEncoding: "gzip",
      ContentLanguage: "de",
      Metadata: { "one-thing": "value with  two spaces", other: "1" },
    };
    await put({ Key: "described", Body: nine, ...described });
    expect(await head("described")).toMatchObject(described);
  });

  test("without a type an object is binary/octet-stream", async () => {
    const { client } = server();
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: "untyped" }));
    expect((await fetch(url, { method: "PUT", body: nine })).status).toBe(200);
    expect((await head("untyped")).ContentType).toBe("binary/octet-stream");
  });

  test.each<StorageClass>(["STANDARD_IA", "GLACIER"])(
    "storage class %s is kept and told",
    async (StorageClass) => {
      await put({ Key: `class/${StorageClass}`, Body: nine, StorageClass });
      expect((await head(`class/${StorageClass}`)).StorageClass).toBe(StorageClass);
    },
  );

  test("STANDARD is not told", async () => {
    await put({ Key: "class/standard", Body: nine });
    expect((await head("class/standard")).StorageClass).toBeUndefined();
  });

  test.each<StorageClass>(["GLACIER", "DEEP_ARCHIVE"])(
    "an object in %s can not be read",
    async (StorageClass) => {
      await put({ Key: `archived/${StorageClass}`, Body: nine, StorageClass });
      expect(await refusal(bodyOf(`archived/${StorageClass}`))).toMatchObject({
        code: "InvalidObjectState",
        status: 403,
      });
    },
  );

  test("an unknown storage class answers InvalidStorageClass", async () => {
    const command = new PutObjectCommand({ Bucket, Key: "class/unknown", Body: nine });
    Object.assign(command.input, { StorageClass: "BEST" });
    const unknown = server().client.send(command);
    expect(await refusal(unknown)).toMatchObject({ code: "InvalidStorageClass", status: 400 });
  });
});

describe("checksums of an object", () => {
  test.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "a %s is verified, kept and told as FULL_OBJECT",
    async (algorithm) => {
      const declared = { [`Checksum${algorithm}`]: checksumsOfNine[algorithm] };
      const told = { ...declared, ChecksumType: "FULL_OBJECT" };
      expect(await put({ Key: `sum/${algorithm}`, Body: nine, ...declared })).toMatchObject(told);
      expect(await head(`sum/${algorithm}`)).toMatchObject(told);
    },
  );

  test.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "a %s of other bytes answers BadDigest and keeps nothing",
    async (algorithm) => {
      const declared = { [`Checksum${algorithm}`]: checksumsOfNine[algorithm] };
      const refused = put({ Key: `wrong/${algorithm}`, Body: "other", ...declared });
      expect(await refusal(refused)).toMatchObject({ code: "BadDigest", status: 400 });
      expect(await refusal(head(`wrong/${algorithm}`))).toMatchObject({ status: 404 });
    },
  );

  test("a checksum that can not be one answers InvalidRequest", async () => {
    const refused = put({ Key: "nonsense", Body: nine, ChecksumCRC32: "xx" });
    expect(await refusal(refused)).toMatchObject({ code: "InvalidRequest", status: 400 });
  });

  test("without one S3 computes CRC64NVME", async () => {
    const url = await getSignedUrl(server().client, new PutObjectCommand({ Bucket, Key: "none" }));
    const answer = await fetch(url, { method: "PUT", body: nine });
    expect(answer.headers.get("x-amz-checksum-crc64nvme")).toBe(checksumsOfNine.CRC64NVME);
    expect(await head("none")).toMatchObject({ ChecksumCRC64NVME: checksumsOfNine.CRC64NVME });
  });

  test("a stream's checksum comes behind its bytes, as a trailing header", async () => {
    const pieces = [Buffer.alloc(70_000, 1), Buffer.alloc(1, 2), Buffer.alloc(200_000, 3)];
    const whole = Buffer.concat(pieces);
    const { ETag } = await put({ Key: "stream", Body: Readable.from(pieces), ContentLength: whole.length });
    expect(ETag).toBe(`"${createHash("md5").update(whole).digest("hex")}"`);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(whole));
    expect((await head("stream")).ChecksumCRC32).toBe(sum.toString("base64"));
    expect((await head("stream")).ContentEncoding).toBeUndefined();
    expect((await bodyOf("stream")).equals(whole)).toBe(true);
  });

  test("a Content-MD5 is verified", async () => {
    const ContentMD5 = createHash("md5").update(nine).digest("base64");
    await put({ Key: "md5", Body: nine, ContentMD5 });
    const refused = put({ Key: "md5", Body: "other", ContentMD5 });
    expect(await refusal(refused)).toMatchObject({ code: "BadDigest", status: 400 });
    const nonsense = put({ Key: "md5", Body: nine, ContentMD5: "xx" });
    expect(await refusal(nonsense)).toMatchObject({ code: "InvalidDigest", status: 400 });
  });
});

describe("conditional writes", () => {
  test("If-None-Match: * writes a new key once", async () => {
    await put({ Key: "once", Body: "first", IfNoneMatch: "*" });
    const second = put({ Key: "once", Body: "second", IfNoneMatch: "*" });
    expect(await refusal(second)).toMatchObject({ code: "PreconditionFailed", status: 412 });
    expect((await bodyOf("once")).toString()).toBe("first");
  });

  test("of many writers at the same time with If-None-Match: * one wins", async () => {
    const writers = Array.from({ length: 10 }, (_, n) =>
      put({ Key: "race", Body: `${n}`, IfNoneMatch: "*" }),
    );
    const results = await Promise.allSettled(writers);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("If-Match replaces only what it names", async () => {
    const { ETag } = await put({ Key: "swap", Body: "first" });
    await put({ Key: "swap", Body: "second", IfMatch: ETag });
    const stale = put({ Key: "swap", Body: "third", IfMatch: ETag });
    expect(await refusal(stale)).toMatchObject({ code: "PreconditionFailed", status: 412 });
    expect((await bodyOf("swap")).toString()).toBe("second");
  });

  test("If-Match on a key that is not there answers NoSuchKey", async () => {
    const refused = put({ Key: "never", Body: "x", IfMatch: '"d41d8cd98f00b204e9800998ecf8427e"' });
    expect(await refusal(refused)).toMatchObject({ code: "NoSuchKey", status: 404 });
  });

  test("a deleted key is free again", async () => {
    await put({ Key: "free", Body: "first" });
    await server().client.send(new DeleteObjectCommand({ Bucket, Key: "free" }));
    await put({ Key: "free", Body: "second", IfNoneMatch: "*" });
    expect((await bodyOf("free")).toString()).toBe("second");
  });
});

import { createServer } from "node:http";
import { crc32 } from "node:zlib";
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { describe, expect, onTestFinished, test } from "vitest";
import { pinOf } from "../../lambdas/ball/pin.ts";
import type { PinnedSource, SourceObject } from "../../lambdas/ball/source.ts";
import { sourceObjectOfHead } from "../../lambdas/storage/s3/describe-object.ts";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { closeServer, listenOnLoopback } from "../../local/loopback.ts";
import { startFaultyProxy } from "../support/faulty-proxy.ts";
import { endedAt, endedInHead, resetUnanswered, stalledAt } from "../support/faulty-proxy-faults.ts";
import { readAll } from "../support/read-all.ts";
import { testS3 } from "../support/s3.ts";

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

/** The object as it is now, and what pins it. */
async function pinned(bucket: string, key: string): Promise<{ object: SourceObject; source: PinnedSource }> {
  const object = await reader().describe(bucket, key);
  if (object === undefined) throw new Error(`There is no ${key}`);
  return { object, source: { bucket, key, pin: pinOf(object), sizeBytes: object.sizeBytes } };
}

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

/** The SDK's number of attempts, and next to no pauses between them. */
const retry = { attempts: 4, firstPauseMs: 1, maxPauseMs: 10 };

describe("reading", () => {
  const body = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));

  async function behindProxy() {
    const bucket = await s3().newBucket();
    await s3().put(bucket, "a", body);
    const { source } = await pinned(bucket, "a");
    const proxy = await startFaultyProxy(s3().endpoint);
    onTestFinished(() => proxy.close());
    return { source, proxy, reader: createSourceReader(s3().newClient(proxy.endpoint), { retry }) };
  }

  test.each([
    ["before its head", resetUnanswered, 0, 300_000],
    ["in its head", endedInHead, 0, 300_000],
    ["in its body", endedAt(50_000), 0, 300_000],
    ["right before its end", endedAt(299_999), 0, 300_000],
    ["in a part of a body", endedAt(20_000), 1000, 200_000],
  ])(
    "goes on after an answer broke off %s, and gives the bytes asked for",
    async (_name, fault, start, end) => {
      const { source, proxy, reader } = await behindProxy();
      proxy.choose = ({ nth }) => (nth === 1 ? fault : undefined);
      const bytes = await readAll(reader.read(source, { start, end }));
      expect(bytes.equals(body.subarray(start, end))).toBe(true);
      expect(proxy.gets.length).toBe(2);
    },
  );

  test("gives up a body that breaks off every time, and says that S3 can not be read", async () => {
    const { source, proxy, reader } = await behindProxy();
    proxy.choose = () => endedAt(1000);
    const reading = readAll(reader.read(source, { start: 0, end: body.length }));
    await expect(reading).rejects.toMatchObject({ code: "source-unreadable" });
    expect(proxy.gets.length).toBe(4);
  });

  test("is over at once when it is aborted, and its connection closed", async () => {
    const { source, proxy, reader } = await behindProxy();
    proxy.choose = () => stalledAt(100_000);
    const gone = new AbortController();
    const read = reader.read(source, { start: 0, end: body.length }, gone.signal);
    await read.answered;
    gone.abort(new Error("the reader left"));
    await expect(readAll(read)).rejects.toThrow("the reader left");
    await expect.poll(() => proxy.openCount()).toBe(0);
  });

  test("does not begin when it was aborted before", async () => {
    const { source, reader } = await behindProxy();
    const reading = readAll(
      reader.read(source, { start: 0, end: 5 }, AbortSignal.abort(new Error("too late"))),
    );
    await expect(reading).rejects.toThrow("too late");
  });

  test("refuses an answer of another length than was asked for", async () => {
    const bucket = await s3().newBucket();
    await s3().put(bucket, "a", "12345");
    const { source } = await pinned(bucket, "a");
    const longer = { ...source, sizeBytes: 9 };
    const reading = readAll(reader().read(longer, { start: 2, end: 9 }));
    await expect(reading).rejects.toMatchObject({ code: "source-corrupt" });
    await expect(readAll(reader().read(longer, { start: 0, end: 9 }))).rejects.toMatchObject({
      code: "source-corrupt",
    });
  });
});

describe("a server that refuses", () => {
  /** Answers everything with one status, and counts. */
  async function answering(status: number, code: string) {
    let requestCount = 0;
    const server = createServer((request, response) => {
      requestCount += 1;
      request.resume();
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(request.method === "HEAD" ? undefined : `<Error><Code>${code}</Code></Error>`);
    });
    const port = await listenOnLoopback(server, 0);
    onTestFinished(() => closeServer(server));
    const client = s3().newClient(`http://127.0.0.1:${port}`);
    return { reader: createSourceReader(client, { retry }), requestCount: () => requestCount };
  }

  const source: PinnedSource = { bucket: "b", key: "a", pin: { kind: "etag", etag: '"x"' }, sizeBytes: 5 };

  test.each([
    [403, "AccessDenied", "source-forbidden"],
    [500, "InternalError", "source-unreadable"],
    [503, "SlowDown", "source-unreadable"],
  ])("with %i %s is %s, whatever was asked", async (status, code, expected) => {
    const { reader, requestCount } = await answering(status, code);
    const list = async () => {
      for await (const _page of reader.list("b", "a/"));
    };
    const answers = await Promise.allSettled([
      readAll(reader.read(source, { start: 0, end: 5 })),
      reader.describe("b", "a"),
      reader.describePinned(source),
      list(),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: "rejected", reason: { code: expected } });
    }
    expect(requestCount()).toBe(status === 403 ? 4 : 16);
  });

  test("an object that went to an archive since is source-archived", async () => {
    const { reader, requestCount } = await answering(403, "InvalidObjectState");
    await expect(readAll(reader.read(source, { start: 0, end: 5 }))).rejects.toMatchObject({
      code: "source-archived",
    });
    expect(requestCount()).toBe(1);
  });

  test("a connection is source-unreadable", async () => {
    const server = createServer();
    const port = await listenOnLoopback(server, 0);
    await closeServer(server);
    const nobody = createSourceReader(s3().newClient(`http://127.0.0.1:${port}`), { retry });
    await expect(nobody.describe("b", "a")).rejects.toMatchObject({ code: "source-unreadable" });
    await expect(readAll(nobody.read(source, { start: 0, end: 5 }))).rejects.toMatchObject({
      code: "source-unreadable",
    });
  });
});

test("an object put while it is read does not mix with it", async () => {
  const bucket = await s3().newBucket();
  await s3().put(bucket, "a", Buffer.alloc(200_000, "1"));
  const { source } = await pinned(bucket, "a");
  const [read] = await Promise.allSettled([
    readAll(reader().read(source, { start: 0, end: 200_000 })),
    s3().client.send(new PutObjectCommand({ Bucket: bucket, Key: "a", Body: Buffer.alloc(200_000, "2") })),
  ]);
  if (read.status === "fulfilled") expect(new Set(read.value)).toEqual(new Set([0x31]));
  else expect(read.reason).toMatchObject({ code: "source-changed" });
});

import { crc32 } from "node:zlib";
import { DeleteObjectCommand, HeadObjectCommand, PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import type { ArchiveBucket, ArchiveUpload, FinishedPart } from "../../../lambdas/ball/archive-bucket.ts";
import type { PinnedSource } from "../../../lambdas/ball/source.ts";
import { createArchiveBucket } from "../../../lambdas/storage/s3/archive-bucket.ts";
import { testS3 } from "../../support/s3.ts";
import { bodyOf, bytesOf, leftIn, partOf, pinned, smallestPart } from "./archive-uploads.ts";

const s3 = testS3();
let bucketName = "";
let archives: ArchiveBucket;
let sources = "";
const body = bytesOf("source", smallestPart + 3000);

beforeAll(async () => {
  bucketName = await s3().newBucket();
  sources = await s3().newBucket();
  archives = createArchiveBucket(s3().client, bucketName);
  await s3().put(sources, "large", body);
});

let keyCount = 0;

async function begun(): Promise<ArchiveUpload> {
  keyCount += 1;
  const key = `ball/plan/${keyCount}/archive.zip`;
  return { key, uploadId: await archives.beginUpload(key) };
}

/** An upload with one part of each kind but the joined one, and what it is to become. */
async function filled() {
  const upload = await begun();
  const source = await pinned(s3().client, sources, "large");
  const head = bytesOf("head", smallestPart);
  const tail = bytesOf("tail", 1000);
  const range = { start: 2000, end: smallestPart + 2500 };
  const parts = [
    await archives.uploadPart(upload, 1, partOf(head)),
    await archives.copyPart(upload, 2, { source, range }),
    await archives.uploadPart(upload, 3, partOf(tail)),
  ];
  const bytes = Buffer.concat([head, body.subarray(range.start, range.end), tail]);
  return { upload, parts, bytes, whole: { lengthBytes: bytes.length, crc32: crc32(bytes) } };
}

/** An upload with all its bytes in one part. */
async function small() {
  const upload = await begun();
  const bytes = bytesOf(upload.key, 1000);
  const parts = [await archives.uploadPart(upload, 1, partOf(bytes))];
  return { upload, parts, whole: { lengthBytes: bytes.length, crc32: crc32(bytes) } };
}

describe("an archive of uploaded and copied parts", () => {
  test("has their bytes, in the order of their numbers, and is a zip to whoever gets it", async () => {
    const { upload, parts, bytes, whole } = await filled();
    const archive = await archives.complete(upload, parts, whole);
    expect(archive).toMatchObject({ key: upload.key, lengthBytes: bytes.length });
    expect(await bodyOf(s3().client, bucketName, upload.key)).toSatisfy((body) => bytes.equals(body));
    const head = await s3().client.send(new HeadObjectCommand({ Bucket: bucketName, Key: upload.key }));
    expect(head).toMatchObject({ ContentType: "application/zip", ETag: archive.etag });
    expect(Number(head.LastModified) / 1000).toBe(archive.lastModifiedEpochSeconds);
    expect(await archives.find(upload.key)).toEqual(archive);
  });

  test("tells of each part its length and the CRC-32 of its bytes, at once and when they are listed", async () => {
    const { upload, parts, bytes } = await filled();
    const ends = [smallestPart, smallestPart * 2 + 500, bytes.length];
    const slices = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
    const told = slices.map((slice, index) => ({
      number: index + 1,
      etag: expect.stringMatching(/^".+"$/),
      sizeBytes: slice.length,
      crc32: crc32(slice),
    }));
    expect(parts).toEqual(told);
    expect(await archives.parts(upload, 1, 4)).toEqual(parts);
  });

  test("can be made of parts that came in any order, each made twice", async () => {
    const upload = await begun();
    const pieces = [bytesOf("1", smallestPart), bytesOf("2", smallestPart), bytesOf("3", 1)];
    for (const number of [3, 1, 2, 1]) {
      await archives.uploadPart(upload, number, partOf(pieces[number - 1] ?? Buffer.alloc(0)));
    }
    const bytes = Buffer.concat(pieces);
    const whole = { lengthBytes: bytes.length, crc32: crc32(bytes) };
    await archives.complete(upload, await archives.parts(upload, 1, 4), whole);
    expect(await bodyOf(s3().client, bucketName, upload.key)).toSatisfy((body) => bytes.equals(body));
  });

  test("can be joined of objects of the bucket, whole or in part", async () => {
    const made = await filled();
    const object = await archives.complete(made.upload, made.parts, made.whole);
    const upload = await begun();
    const all = { start: 0, end: object.lengthBytes };
    const some = { start: 7, end: smallestPart };
    const parts = [
      await archives.joinPart(upload, 1, { object, range: all }),
      await archives.joinPart(upload, 2, { object, range: some }),
    ];
    const bytes = Buffer.concat([made.bytes, made.bytes.subarray(7, smallestPart)]);
    expect(parts.map((part) => part.crc32)).toEqual([
      crc32(made.bytes),
      crc32(bytes.subarray(made.bytes.length)),
    ]);
    await archives.complete(upload, parts, { lengthBytes: bytes.length, crc32: crc32(bytes) });
    expect(await bodyOf(s3().client, bucketName, upload.key)).toSatisfy((body) => bytes.equals(body));
  });

  test("that is not there is not found", async () => {
    expect(await archives.find("ball/plan/0/archive.zip")).toBeUndefined();
  });
});

describe("parts of an upload", () => {
  let upload: ArchiveUpload;
  beforeAll(async () => {
    upload = await begun();
    for (const number of [1, 2, 5, 6, 9]) await archives.uploadPart(upload, number, partOf(Buffer.from("x")));
  });

  test.each([
    [1, 10_001, [1, 2, 5, 6, 9]],
    [2, 6, [2, 5]],
    [3, 5, []],
    [5, 6, [5]],
    [9, 10, [9]],
    [10, 20, []],
  ])("from %i up to but not %i are those of them that are there", async (first, end, numbers) => {
    expect((await archives.parts(upload, first, end)).map(({ number }) => number)).toEqual(numbers);
  });

  test("with bytes of another CRC-32 are refused", async () => {
    const wrong = { bytes: Buffer.from("bytes"), crc32: crc32("other bytes") };
    await expect(archives.uploadPart(upload, 7, wrong)).rejects.toMatchObject({
      code: "archive-unwritable",
      message: expect.stringContaining("BadDigest"),
    });
    expect(await archives.parts(upload, 7, 8)).toEqual([]);
  });

  test("of an upload that was aborted are upload-gone, whatever is done", async () => {
    const gone = await begun();
    const source = await pinned(s3().client, sources, "large");
    await archives.abort(gone);
    await archives.abort(gone);
    const failure = { code: "upload-gone" };
    const range = { start: 0, end: source.sizeBytes };
    await expect(archives.uploadPart(gone, 1, partOf(body))).rejects.toMatchObject(failure);
    await expect(archives.copyPart(gone, 1, { source, range })).rejects.toMatchObject(failure);
    await expect(archives.parts(gone, 1, 2)).rejects.toMatchObject(failure);
  });
});

describe("bytes are copied of the pinned object", () => {
  const copied = async (source: PinnedSource, range = { start: 0, end: source.sizeBytes }) => {
    const upload = await begun();
    const part = await archives.copyPart(upload, 1, { source, range });
    await archives.complete(upload, [part], { lengthBytes: part.sizeBytes, crc32: undefined });
    return (await bodyOf(s3().client, bucketName, upload.key)).toString();
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
    await s3().put(sources, key, `body of ${key}`);
    expect(await copied(await pinned(s3().client, sources, key))).toBe(`body of ${key}`);
  });

  test("by its ETag, until there is another, or none", async () => {
    await s3().put(sources, "changing", "before");
    const source = await pinned(s3().client, sources, "changing");
    expect(await copied(source)).toBe("before");
    await s3().put(sources, "changing", "behind");
    await expect(copied(source)).rejects.toMatchObject({ code: "source-changed" });
    await s3().client.send(new DeleteObjectCommand({ Bucket: sources, Key: "changing" }));
    await expect(copied(source)).rejects.toMatchObject({ code: "source-changed" });
  });

  test("by its version, though there are younger ones, until it is removed", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    await s3().put(bucket, "k", "first");
    const source = await pinned(s3().client, bucket, "k");
    expect(source.pin.kind).toBe("version");
    await s3().put(bucket, "k", "second");
    expect(await copied(source)).toBe("first");
    await s3().client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "k" }));
    expect(await copied(source, { start: 1, end: 4 })).toBe("irs");
    const VersionId = source.pin.kind === "version" ? source.pin.versionId : undefined;
    await s3().client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "k", VersionId }));
    await expect(copied(source)).rejects.toMatchObject({ code: "source-changed" });
  });

  test('by its ETag as the version "null", behind younger ones', async () => {
    const bucket = await s3().newBucket();
    await s3().put(bucket, "k", "from before");
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await s3().client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
    const source = await pinned(s3().client, bucket, "k");
    expect(source.pin.kind).toBe("null-version");
    await s3().put(bucket, "k", "from behind");
    expect(await copied(source)).toBe("from before");
    const other: PinnedSource = { ...source, pin: { kind: "null-version", etag: '"other"' } };
    await expect(copied(other)).rejects.toMatchObject({ code: "source-changed" });
  });

  test("and not when its bucket, or its version, never was", async () => {
    const source = await pinned(s3().client, sources, "large");
    const version: PinnedSource = { ...source, pin: { kind: "version", versionId: "never" } };
    await expect(copied({ ...source, bucket: "never-was" })).rejects.toMatchObject({
      code: "source-changed",
    });
    await expect(copied(version)).rejects.toBeInstanceOf(Error);
  });

  test("and not of an object of the bucket itself that was replaced, or cleaned up", async () => {
    const { upload: made, parts, whole } = await small();
    const object = await archives.complete(made, parts, whole);
    const upload = await begun();
    const range = { start: 0, end: object.lengthBytes };
    const gone = { code: "upload-gone" };
    const replaced = { ...object, etag: '"other"' };
    await expect(archives.joinPart(upload, 1, { object: replaced, range })).rejects.toMatchObject(gone);
    await archives.removeAll(made.key);
    await expect(archives.joinPart(upload, 1, { object, range })).rejects.toMatchObject(gone);
  });
});

describe("an upload is completed", () => {
  test("once, and whoever comes later or at the same time is answered the same object", async () => {
    const { upload, parts, whole } = await small();
    const complete = () => archives.complete(upload, parts, whole);
    const answers = await Promise.all([complete(), complete(), complete()]);
    answers.push(await complete());
    for (const answer of answers) expect(answer).toEqual(await archives.find(upload.key));
  });

  test("though the answer to it was lost", async () => {
    const { upload, parts, whole } = await small();
    const client = s3().newClient();
    const sent: string[] = [];
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          sent.push(String(commandName));
          const answer = await next(args);
          if (sent.length > 1) return answer;
          throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
        },
      // Within what the SDK repeats.
      { step: "finalizeRequest", priority: "low" },
    );
    const archive = await createArchiveBucket(client, bucketName).complete(upload, parts, whole);
    expect(archive).toEqual(await archives.find(upload.key));
    const complete = "CompleteMultipartUploadCommand";
    expect(sent).toEqual([complete, complete, "HeadObjectCommand"]);
  });

  test.each([
    ["length", { lengthBytes: 1 }],
    ["CRC-32", { crc32: 1 }],
  ])("only to what has its %s", async (_what, other) => {
    const { upload, parts, whole } = await small();
    const completing = archives.complete(upload, parts, { ...whole, ...other });
    await expect(completing).rejects.toMatchObject({ code: "archive-unwritable" });
    expect(await archives.find(upload.key)).toBeUndefined();
    expect(await archives.parts(upload, 1, 2)).toEqual(parts);
  });

  test("without its CRC-32 where nobody knows it", async () => {
    const { upload, parts, whole } = await small();
    const archive = await archives.complete(upload, parts, { ...whole, crc32: undefined });
    expect(archive.lengthBytes).toBe(whole.lengthBytes);
  });

  test("of the parts that are there alone", async () => {
    const { upload, parts, whole } = await small();
    const missing: FinishedPart = { number: 2, etag: '"none"', sizeBytes: 1, crc32: 1 };
    const completing = archives.complete(upload, [...parts, missing], whole);
    await expect(completing).rejects.toMatchObject({
      code: "archive-unwritable",
      message: expect.stringContaining("InvalidPart"),
    });
  });

  test("not behind its end: it is gone when another object stands under its key, or none", async () => {
    const { upload, parts, whole } = await small();
    await archives.abort(upload);
    const gone = { code: "upload-gone" };
    await expect(archives.complete(upload, parts, whole)).rejects.toMatchObject(gone);
    await s3().put(bucketName, upload.key, "another");
    await expect(archives.complete(upload, parts, whole)).rejects.toMatchObject(gone);
  });
});

describe("an attempt is cleaned up", () => {
  test("with all its uploads and objects, but for its archive, and no other's", async () => {
    const bucket = await s3().newBucket();
    const clean = createArchiveBucket(s3().client, bucket);
    const mine = ["b/e/1/archive.zip", "b/e/1/group-00000", "b/e/1/ü +%2F"];
    const others = ["b/e/10/archive.zip", "b/e/2/archive.zip", "b/e/1"];
    for (const key of [...mine, ...others]) {
      await s3().put(bucket, key);
      await clean.beginUpload(key);
      await clean.beginUpload(key);
    }
    await clean.removeAll("b/e/1/", "b/e/1/archive.zip");
    const left = await leftIn(s3().client, bucket);
    expect(left.objects.sort()).toEqual(["b/e/1/archive.zip", ...others].sort());
    expect([...new Set(left.uploads)].sort()).toEqual([...others].sort());
    await clean.removeAll("b/e/1/");
    await clean.removeAll("b/e/1/");
    expect((await leftIn(s3().client, bucket)).objects.sort()).toEqual([...others].sort());
  });

  test("in a bucket that is not there it is told that it can not be", async () => {
    const nowhere = createArchiveBucket(s3().client, "not-a-bucket");
    await expect(nowhere.removeAll("b/")).rejects.toMatchObject({ code: "archive-unwritable" });
    await expect(nowhere.beginUpload("k")).rejects.toMatchObject({ code: "archive-unwritable" });
  });
});

test("an aborted signal ends everything with its reason", async () => {
  const { upload, parts, whole } = await small();
  const source = await pinned(s3().client, sources, "large");
  const range = { start: 0, end: source.sizeBytes };
  const reason = new Error("The time is over");
  const signal = AbortSignal.abort(reason);
  const object = { key: "k", etag: '"e"', lengthBytes: 1, lastModifiedEpochSeconds: 0 };
  const outcomes = await Promise.allSettled([
    archives.beginUpload("aborted", signal),
    archives.uploadPart(upload, 1, partOf(body), signal),
    archives.copyPart(upload, 1, { source, range }, signal),
    archives.joinPart(upload, 1, { object, range }, signal),
    archives.parts(upload, 1, 2, signal),
    archives.complete(upload, parts, whole, signal),
    archives.find(upload.key, signal),
  ]);
  for (const outcome of outcomes) expect(outcome).toEqual({ status: "rejected", reason });
});

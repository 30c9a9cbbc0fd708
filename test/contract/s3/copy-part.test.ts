import { createHash, randomBytes } from "node:crypto";
import {
  type CreateMultipartUploadCommandInput,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
  type UploadPartCopyCommandInput,
} from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { refusal, serverUnderTest } from "./server-under-test.ts";
import { bodies, crcOf, leastPart, listed, type Parts, uploadsInto, whole } from "./uploads.ts";

const server = serverUnderTest();
const fullCrc32 = { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" } as const;
let Bucket = "";
let versioned = "";
let etag = "";
let modified = new Date(0);

const { create, uploadPart, complete, uploadAll, bodyOf } = uploadsInto(
  () => server().client,
  () => Bucket,
);

beforeAll(async () => {
  Bucket = await server().newBucket();
  versioned = await server().newBucket({ versioning: "Enabled" });
  const { UploadId, Parts } = await uploadAll("source", fullCrc32);
  etag = (await complete("source", UploadId, Parts)).ETag ?? "";
  const head = await server().client.send(new HeadObjectCommand({ Bucket, Key: "source" }));
  modified = head.LastModified ?? modified;
});

type CopyInput = Partial<UploadPartCopyCommandInput> & Pick<UploadPartCopyCommandInput, "Key" | "UploadId">;

async function copy(input: CopyInput) {
  const target = { Bucket, PartNumber: 1, CopySource: `${Bucket}/source`, ...input };
  const answer = await server().client.send(new UploadPartCopyCommand(target));
  const { CopyPartResult = {}, CopySourceVersionId } = answer;
  return { ...CopyPartResult, versionId: CopySourceVersionId };
}

/** One part copied into an upload of its own. */
async function copyAlone(
  input: Partial<UploadPartCopyCommandInput> = {},
  upload: Partial<CreateMultipartUploadCommandInput> = fullCrc32,
) {
  const Key = `copy of ${randomBytes(6).toString("hex")}`;
  const UploadId = await create(Key, upload);
  return { Key, UploadId, part: await copy({ Key, UploadId, ...input }) };
}

/** The bytes of an upload of that one part. */
async function completed({ Key, UploadId, part }: Awaited<ReturnType<typeof copyAlone>>): Promise<Buffer> {
  await complete(Key, UploadId, [listed(1, part)]);
  return bodyOf(Key);
}

describe("a copied part", () => {
  test("is the whole source when no range is named", async () => {
    const copied = await copyAlone();
    expect(copied.part.ETag).toMatch(/^".+"$/);
    expect(Math.abs(Date.now() - (copied.part.LastModified?.getTime() ?? 0))).toBeLessThan(5 * 60_000);
    expect((await completed(copied)).equals(whole)).toBe(true);
  });

  test.each([
    [0, leastPart + 1],
    [leastPart - 1, 2 * leastPart],
    [1, whole.length],
    [whole.length - 1, whole.length],
    [3 * 1024 * 1024, 4 * 1024 * 1024],
  ])("is the bytes from %i to %i of a source, wherever its parts meet", async (start, end) => {
    const copied = await copyAlone({ CopySourceRange: `bytes=${start}-${end - 1}` });
    const bytes = whole.subarray(start, end);
    expect(copied.part.ChecksumCRC32).toBe(crcOf(bytes));
    expect((await completed(copied)).equals(bytes)).toBe(true);
  });

  test("stands among uploaded ones, and the whole has the CRC-32 of its bytes", async () => {
    const Key = "mixed";
    const UploadId = await create(Key, fullCrc32);
    const [head = whole, middle = whole] = bodies;
    const parts: Parts = [
      listed(1, await uploadPart({ Key, UploadId, PartNumber: 1, Body: middle })),
      listed(2, await copy({ Key, UploadId, PartNumber: 2, CopySourceRange: `bytes=0-${leastPart - 1}` })),
      listed(3, await uploadPart({ Key, UploadId, PartNumber: 3, Body: "the end" })),
    ];
    const expected = Buffer.concat([middle, head, Buffer.from("the end")]);
    const declared = { ChecksumCRC32: crcOf(expected), MpuObjectSize: expected.length };
    const done = await complete(Key, UploadId, parts, { ...declared, ChecksumType: "FULL_OBJECT" });
    expect(done.ChecksumCRC32).toBe(crcOf(expected));
    expect((await bodyOf(Key)).equals(expected)).toBe(true);
  });

  test("is listed like an uploaded one", async () => {
    const { Key, UploadId, part } = await copyAlone({ CopySourceRange: "bytes=7-5242890" });
    const { Parts } = await server().client.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    const { ETag, ChecksumCRC32 } = part;
    expect(Parts).toMatchObject([{ PartNumber: 1, Size: 5_242_884, ETag, ChecksumCRC32 }]);
  });

  test("has the checksum of its upload's algorithm", async () => {
    const bytes = whole.subarray(9, leastPart + 9);
    const range = { CopySourceRange: `bytes=9-${leastPart + 8}` };
    const { part } = await copyAlone(range, { ChecksumAlgorithm: "SHA256" });
    expect(part.ChecksumSHA256).toBe(createHash("sha256").update(bytes).digest("base64"));
    expect(part.ChecksumCRC32).toBeUndefined();
    expect((await copyAlone(range, {})).part.ETag).toMatch(/^".+"$/);
  });

  test("replaces a part of its number", async () => {
    const Key = "replaced part";
    const UploadId = await create(Key, fullCrc32);
    const first = await uploadPart({ Key, UploadId, PartNumber: 1, Body: "uploaded" });
    const second = await copy({ Key, UploadId });
    expect(await refusal(complete(Key, UploadId, [listed(1, first)]))).toMatchObject({ code: "InvalidPart" });
    await complete(Key, UploadId, [listed(1, second)]);
    expect((await bodyOf(Key)).equals(whole)).toBe(true);
  });

  test("keeps its bytes when its source is replaced and deleted", async () => {
    const { client } = server();
    const Key = "short-lived";
    await client.send(new PutObjectCommand({ Bucket, Key, Body: whole }));
    const copied = await copyAlone({ CopySource: `${Bucket}/${Key}` });
    await client.send(new PutObjectCommand({ Bucket, Key, Body: "another" }));
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
    expect((await completed(copied)).equals(whole)).toBe(true);
  });

  test("may be of a copy, and of the object that its upload replaces", async () => {
    const once = await copyAlone({ CopySourceRange: `bytes=100-${leastPart + 199}` });
    await completed(once);
    const CopySource = encodeURI(`${Bucket}/${once.Key}`);
    const UploadId = await create(once.Key, fullCrc32);
    const part = await copy({ ...once, UploadId, CopySource, CopySourceRange: `bytes=50-${leastPart + 49}` });
    const again = await completed({ Key: once.Key, UploadId, part });
    expect(again.equals(whole.subarray(150, leastPart + 150))).toBe(true);
  });
});

describe("the source of a copy", () => {
  const odd = "a folder/ä+b %3F?c&d=é😀";
  beforeAll(async () => {
    await server().client.send(new PutObjectCommand({ Bucket: versioned, Key: odd, Body: "odd name" }));
  });

  test.each([
    ["in another bucket, any key", () => `${versioned}/${encodeURIComponent(odd)}`],
    ["with a slash before it", () => `/${versioned}/${encodeURIComponent(odd)}`],
    ["with all of it encoded", () => encodeURIComponent(`${versioned}/${odd}`)],
  ])("is named %s", async (_, source) => {
    const copied = await copyAlone({ CopySource: source() });
    expect((await completed(copied)).toString()).toBe("odd name");
  });

  test("is a version where one is named, else the latest; which one is told", async () => {
    const { client } = server();
    const target = { Bucket: versioned, Key: "versions" };
    const old = await client.send(new PutObjectCommand({ ...target, Body: "old" }));
    const late = await client.send(new PutObjectCommand({ ...target, Body: "late" }));
    const latest = await copyAlone({ CopySource: `${versioned}/versions` });
    expect(latest.part.versionId).toBe(late.VersionId);
    expect((await completed(latest)).toString()).toBe("late");
    const named = await copyAlone({ CopySource: `${versioned}/versions?versionId=${old.VersionId}` });
    expect(named.part.versionId).toBe(old.VersionId);
    expect((await completed(named)).toString()).toBe("old");
  });

  test("of a bucket without versions has no version to tell", async () => {
    expect((await copyAlone()).part.versionId).toBeUndefined();
  });

  test.each([
    ["has no key", "no-key", 400, "InvalidArgument"],
    ["is not percent-encoded", "bucket/%zz", 400, "InvalidArgument"],
    ["is in a bucket that is not there", "zipball-contract-nothing/key", 404, "NoSuchBucket"],
  ])("that %s is refused", async (_, CopySource, status, code) => {
    expect(await refusal(copyAlone({ CopySource }))).toMatchObject({ status, code });
  });

  test("that is not there is refused", async () => {
    const refused = copyAlone({ CopySource: `${Bucket}/nothing` });
    expect(await refusal(refused)).toMatchObject({ code: "NoSuchKey", status: 404 });
    const CopySource = `${versioned}/${encodeURIComponent(odd)}?versionId=${"x".repeat(32)}`;
    expect((await refusal(copyAlone({ CopySource }))).code).toMatch(/NoSuchVersion|InvalidArgument/);
  });

  test("that is a delete marker is not there, and is refused when it is named", async () => {
    const { client } = server();
    const target = { Bucket: versioned, Key: "marked" };
    await client.send(new PutObjectCommand({ ...target, Body: "x" }));
    const { VersionId } = await client.send(new DeleteObjectCommand(target));
    const CopySource = `${versioned}/marked`;
    expect(await refusal(copyAlone({ CopySource }))).toMatchObject({ code: "NoSuchKey", status: 404 });
    const named = copyAlone({ CopySource: `${CopySource}?versionId=${VersionId}` });
    expect(await refusal(named)).toMatchObject({ code: "InvalidRequest", status: 400 });
  });

  test("in an archive storage class is refused", async () => {
    const archived = { Bucket, Key: "archived", Body: "x", StorageClass: "GLACIER" } as const;
    await server().client.send(new PutObjectCommand(archived));
    const refused = copyAlone({ CopySource: `${Bucket}/archived` });
    expect(await refusal(refused)).toMatchObject({ code: "InvalidObjectState", status: 403 });
  });
});

describe("the range of a copy", () => {
  test.each(["bytes=0-", "bytes=-5", "bytes=5-4", "bytes=0", "0-4", "bytes=0-1,3-4", "bytes=a-b"])(
    "that is %j is refused",
    async (CopySourceRange) => {
      const refused = copyAlone({ CopySourceRange });
      expect(await refusal(refused)).toMatchObject({ code: "InvalidArgument", status: 400 });
    },
  );

  test.each([
    [0, whole.length],
    [whole.length, whole.length],
    [whole.length + 5, whole.length + 9],
  ])("from byte %i to byte %i, beyond the source, is refused", async (first, last) => {
    const refused = copyAlone({ CopySourceRange: `bytes=${first}-${last}` });
    expect(await refusal(refused)).toMatchObject({ code: "InvalidArgument", status: 400 });
  });
});

describe("conditions on the source of a copy", () => {
  const earlier = () => new Date(modified.getTime() - 60_000);
  const conditions: [string, () => Partial<UploadPartCopyCommandInput>, boolean][] = [
    ["its ETag", () => ({ CopySourceIfMatch: etag }), true],
    ["another ETag", () => ({ CopySourceIfMatch: '"other"' }), false],
    ["not its ETag", () => ({ CopySourceIfNoneMatch: etag }), false],
    ["not another ETag", () => ({ CopySourceIfNoneMatch: '"other"' }), true],
    ["modified since earlier", () => ({ CopySourceIfModifiedSince: earlier() }), true],
    ["modified since its time", () => ({ CopySourceIfModifiedSince: modified }), false],
    ["unmodified since its time", () => ({ CopySourceIfUnmodifiedSince: modified }), true],
    ["unmodified since earlier", () => ({ CopySourceIfUnmodifiedSince: earlier() }), false],
    [
      "its ETag, which outweighs unmodified since earlier",
      () => ({ CopySourceIfMatch: etag, CopySourceIfUnmodifiedSince: earlier() }),
      true,
    ],
    [
      "not its ETag, which outweighs modified since earlier",
      () => ({ CopySourceIfNoneMatch: etag, CopySourceIfModifiedSince: earlier() }),
      false,
    ],
  ];

  test.each(conditions)("%s", async (_, condition, holds) => {
    const copied = copyAlone({ CopySourceRange: "bytes=0-5242879", ...condition() });
    if (holds) expect((await copied).part.ETag).toBeDefined();
    else expect(await refusal(copied)).toMatchObject({ code: "PreconditionFailed", status: 412 });
  });

  test("a pinned source that was replaced answers PreconditionFailed", async () => {
    const target = { Bucket, Key: "pinned" };
    const first = await server().client.send(new PutObjectCommand({ ...target, Body: "first" }));
    await server().client.send(new PutObjectCommand({ ...target, Body: "later" }));
    const refused = copyAlone({ CopySource: `${Bucket}/pinned`, CopySourceIfMatch: first.ETag });
    expect(await refusal(refused)).toMatchObject({ status: 412 });
  });
});

test("a copy into an upload that is not there answers NoSuchUpload", async () => {
  const refused = copy({ Key: "nowhere", UploadId: "nothing" });
  expect(await refusal(refused)).toMatchObject({ code: "NoSuchUpload", status: 404 });
});

test("a copy as part 0 or 10,001 answers InvalidArgument", async () => {
  for (const PartNumber of [0, 10_001]) {
    expect(await refusal(copyAlone({ PartNumber }))).toMatchObject({ code: "InvalidArgument", status: 400 });
  }
});

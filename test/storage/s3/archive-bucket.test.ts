import { crc32 } from "node:zlib";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import type { ArchiveUpload } from "../../../lambdas/ball/archive-bucket.ts";
import { bodyOf, bytesOf, partOf, smallestPart, testArchives } from "./archive-uploads.ts";

const given = testArchives();

/** An upload with one part of each kind but the joined one, and what it is to become. */
async function filled() {
  const upload = await given().begun();
  const { source } = given();
  const head = bytesOf("head", smallestPart);
  const tail = bytesOf("tail", 1000);
  const range = { start: 2000, end: smallestPart + 2500 };
  const parts = [
    await given().archives.uploadPart(upload, 1, partOf(head)),
    await given().archives.copyPart(upload, 2, { source, range }),
    await given().archives.uploadPart(upload, 3, partOf(tail)),
  ];
  const bytes = Buffer.concat([head, source.body.subarray(range.start, range.end), tail]);
  return { upload, parts, bytes, whole: { lengthBytes: bytes.length, crc32: crc32(bytes) } };
}

describe("an archive of uploaded and copied parts", () => {
  test("has their bytes, in the order of their numbers, and is a zip to whoever gets it", async () => {
    const { upload, parts, bytes, whole } = await filled();
    const archive = await given().archives.complete(upload, parts, whole);
    expect(archive).toMatchObject({ key: upload.key, lengthBytes: bytes.length });
    expect(await bodyOf(given().s3.client, given().bucket, upload.key)).toSatisfy((body) =>
      bytes.equals(body),
    );
    const head = await given().s3.client.send(
      new HeadObjectCommand({ Bucket: given().bucket, Key: upload.key }),
    );
    expect(head).toMatchObject({ ContentType: "application/zip", ETag: archive.etag });
    expect(Number(head.LastModified) / 1000).toBe(archive.lastModifiedEpochSeconds);
    expect(await given().archives.find(upload.key)).toEqual(archive);
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
    expect(await given().archives.parts(upload, 1, 4)).toEqual(parts);
  });

  test("can be made of parts that came in any order, each made twice", async () => {
    const upload = await given().begun();
    const pieces = [bytesOf("1", smallestPart), bytesOf("2", smallestPart), bytesOf("3", 1)];
    for (const number of [3, 1, 2, 1]) {
      await given().archives.uploadPart(upload, number, partOf(pieces[number - 1] ?? Buffer.alloc(0)));
    }
    const bytes = Buffer.concat(pieces);
    const whole = { lengthBytes: bytes.length, crc32: crc32(bytes) };
    await given().archives.complete(upload, await given().archives.parts(upload, 1, 4), whole);
    expect(await bodyOf(given().s3.client, given().bucket, upload.key)).toSatisfy((body) =>
      bytes.equals(body),
    );
  });

  test("can be joined of objects of the bucket, whole or in part", async () => {
    const made = await filled();
    const object = await given().archives.complete(made.upload, made.parts, made.whole);
    const upload = await given().begun();
    const all = { start: 0, end: object.lengthBytes };
    const some = { start: 7, end: smallestPart };
    const parts = [
      await given().archives.joinPart(upload, 1, { object, range: all }),
      await given().archives.joinPart(upload, 2, { object, range: some }),
    ];
    const bytes = Buffer.concat([made.bytes, made.bytes.subarray(7, smallestPart)]);
    expect(parts.map((part) => part.crc32)).toEqual([
      crc32(made.bytes),
      crc32(bytes.subarray(made.bytes.length)),
    ]);
    await given().archives.complete(upload, parts, { lengthBytes: bytes.length, crc32: crc32(bytes) });
    expect(await bodyOf(given().s3.client, given().bucket, upload.key)).toSatisfy((body) =>
      bytes.equals(body),
    );
  });

  test("that is not there is not found", async () => {
    expect(await given().archives.find("ball/plan/0/archive.zip")).toBeUndefined();
  });
});

describe("parts of an upload", () => {
  let upload: ArchiveUpload;
  beforeAll(async () => {
    upload = await given().begun();
    for (const number of [1, 2, 5, 6, 9])
      await given().archives.uploadPart(upload, number, partOf(Buffer.from("x")));
  });

  test.each([
    [1, 10_001, [1, 2, 5, 6, 9]],
    [2, 6, [2, 5]],
    [3, 5, []],
    [5, 6, [5]],
    [9, 10, [9]],
    [10, 20, []],
  ])("from %i up to but not %i are those of them that are there", async (first, end, numbers) => {
    expect((await given().archives.parts(upload, first, end)).map(({ number }) => number)).toEqual(numbers);
  });

  test("with bytes of another CRC-32 are refused", async () => {
    const wrong = { bytes: Buffer.from("bytes"), crc32: crc32("other bytes") };
    await expect(given().archives.uploadPart(upload, 7, wrong)).rejects.toMatchObject({
      code: "archive-unwritable",
      message: expect.stringContaining("BadDigest"),
    });
    expect(await given().archives.parts(upload, 7, 8)).toEqual([]);
  });

  test("of an upload that was aborted are upload-gone, whatever is done", async () => {
    const gone = await given().begun();
    const { source } = given();
    await given().archives.abort(gone);
    await given().archives.abort(gone);
    const failure = { code: "upload-gone" };
    const range = { start: 0, end: source.sizeBytes };
    await expect(given().archives.uploadPart(gone, 1, partOf(Buffer.from("x")))).rejects.toMatchObject(
      failure,
    );
    await expect(given().archives.copyPart(gone, 1, { source, range })).rejects.toMatchObject(failure);
    await expect(given().archives.parts(gone, 1, 2)).rejects.toMatchObject(failure);
  });
});

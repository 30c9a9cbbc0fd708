import { describe, expect, test } from "vitest";
import type { FinishedPart } from "../../../lambdas/ball/archive-bucket.ts";
import { createArchiveBucket } from "../../../lambdas/storage/s3/archive-bucket.ts";
import { behind, leftIn, partOf, testArchives } from "./archive-uploads.ts";

const given = testArchives();

describe("an upload is completed", () => {
  test("once, and whoever comes later or at the same time is answered the same object", async () => {
    const { upload, parts, whole } = await given().small();
    const complete = () => given().archives.complete(upload, parts, whole);
    const answers = await Promise.all([complete(), complete(), complete()]);
    answers.push(await complete());
    for (const answer of answers) expect(answer).toEqual(await given().archives.find(upload.key));
  });

  test("though the answer to it was lost", async () => {
    const { upload, parts, whole } = await given().small();
    const client = given().s3.newClient();
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
    const archive = await createArchiveBucket(client, given().bucket).complete(upload, parts, whole);
    expect(archive).toEqual(await given().archives.find(upload.key));
    const complete = "CompleteMultipartUploadCommand";
    expect(sent).toEqual([complete, complete, "HeadObjectCommand"]);
  });

  test.each([
    ["length", { lengthBytes: 1 }],
    ["CRC-32", { crc32: 1 }],
  ])("only to what has its %s", async (_what, other) => {
    const { upload, parts, whole } = await given().small();
    const completing = given().archives.complete(upload, parts, { ...whole, ...other });
    await expect(completing).rejects.toMatchObject({ code: "archive-unwritable" });
    expect(await given().archives.find(upload.key)).toBeUndefined();
    expect(await given().archives.parts(upload, 1, 2)).toEqual(parts);
  });

  test("to nothing when another object is found then: that is removed, so that nobody takes it for the archive", async () => {
    const { upload, parts, whole } = await given().small();
    const { s3, bucket } = given();
    const client = behind(s3.newClient(), "CompleteMultipartUploadCommand", () =>
      s3.put(bucket, upload.key, "another"),
    );
    const other = { code: "archive-unwritable", message: expect.stringContaining("has 7 bytes") };
    const completing = createArchiveBucket(client, bucket).complete(upload, parts, whole);
    await expect(completing).rejects.toMatchObject(other);
    expect(await given().archives.find(upload.key)).toBeUndefined();
  });

  test("without its CRC-32 where nobody knows it", async () => {
    const { upload, parts, whole } = await given().small();
    const archive = await given().archives.complete(upload, parts, { ...whole, crc32: undefined });
    expect(archive.lengthBytes).toBe(whole.lengthBytes);
  });

  test("of the parts that are there alone", async () => {
    const { upload, parts, whole } = await given().small();
    const missing: FinishedPart = { number: 2, etag: '"none"', sizeBytes: 1, crc32: 1 };
    const completing = given().archives.complete(upload, [...parts, missing], whole);
    await expect(completing).rejects.toMatchObject({
      code: "archive-unwritable",
      message: expect.stringContaining("InvalidPart"),
    });
  });

  test("not behind its end: it is gone when another object stands under its key, or none", async () => {
    const { upload, parts, whole } = await given().small();
    await given().archives.abort(upload);
    const gone = { code: "upload-gone" };
    await expect(given().archives.complete(upload, parts, whole)).rejects.toMatchObject(gone);
    await given().s3.put(given().bucket, upload.key, "another");
    await expect(given().archives.complete(upload, parts, whole)).rejects.toMatchObject(gone);
    expect(await given().archives.find(upload.key)).toMatchObject({ lengthBytes: 7 });
  });
});

describe("an attempt is cleaned up", () => {
  test("with all its uploads and objects, but for its archive, and no other's", async () => {
    const bucket = await given().s3.newBucket();
    const clean = createArchiveBucket(given().s3.client, bucket);
    const mine = ["b/e/1/archive.zip", "b/e/1/group-00000", "b/e/1/ü +%2F"];
    const others = ["b/e/10/archive.zip", "b/e/2/archive.zip", "b/e/1"];
    for (const key of [...mine, ...others]) {
      await given().s3.put(bucket, key);
      await clean.beginUpload(key);
      await clean.beginUpload(key);
    }
    await clean.removeAll("b/e/1/", "b/e/1/archive.zip");
    const left = await leftIn(given().s3.client, bucket);
    expect(left.objects.sort()).toEqual(["b/e/1/archive.zip", ...others].sort());
    expect([...new Set(left.uploads)].sort()).toEqual([...others].sort());
    await clean.removeAll("b/e/1/");
    await clean.removeAll("b/e/1/");
    expect((await leftIn(given().s3.client, bucket)).objects.sort()).toEqual([...others].sort());
  });

  test("in a bucket that is not there it is told that it can not be", async () => {
    const nowhere = createArchiveBucket(given().s3.client, "not-a-bucket");
    await expect(nowhere.removeAll("b/")).rejects.toMatchObject({ code: "archive-unwritable" });
    await expect(nowhere.beginUpload("k")).rejects.toMatchObject({ code: "archive-unwritable" });
  });
});

test("an aborted signal ends everything with its reason", async () => {
  const { upload, parts, whole } = await given().small();
  const { source } = given();
  const range = { start: 0, end: source.sizeBytes };
  const reason = new Error("The time is over");
  const signal = AbortSignal.abort(reason);
  const object = { key: "k", etag: '"e"', lengthBytes: 1, lastModifiedEpochSeconds: 0 };
  const outcomes = await Promise.allSettled([
    given().archives.beginUpload("aborted", signal),
    given().archives.uploadPart(upload, 1, partOf(Buffer.from("x")), signal),
    given().archives.copyPart(upload, 1, { source, range }, signal),
    given().archives.joinPart(upload, 1, { object, range }, signal),
    given().archives.parts(upload, 1, 2, signal),
    given().archives.complete(upload, parts, whole, signal),
    given().archives.find(upload.key, signal),
  ]);
  for (const outcome of outcomes) expect(outcome).toEqual({ status: "rejected", reason });
});

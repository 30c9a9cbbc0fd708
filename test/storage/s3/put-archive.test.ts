import { crc32 } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { BallError } from "../../../lambdas/ball/errors.ts";
import { createArchiveBucket } from "../../../lambdas/storage/s3/archive-bucket.ts";
import { testS3 } from "../../support/s3.ts";
import { behind, bodyOf, bytesOf, leftIn } from "./archive-uploads.ts";

const s3 = testS3();
const mib = 1024 * 1024;
const key = "ball/plan/1/archive.zip";
const never = new AbortController().signal;
const nothing = { objects: [], uploads: [] };

let bucket = "";
beforeAll(async () => {
  bucket = await s3().newBucket();
});

/** Chunks of 1 MiB and a bit; `closed` tells whether whoever takes them let them go. */
class Chunks {
  readonly bytes: Buffer;
  closed = false;
  taken = 0;
  /** Runs ahead of each chunk. */
  before: (index: number) => Promise<void> | void = () => undefined;

  constructor(length: number) {
    this.bytes = bytesOf("zip", length);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (let at = 0; at < this.bytes.length; at += mib + 7) {
        await this.before(this.taken);
        this.taken += 1;
        yield this.bytes.subarray(at, at + mib + 7);
      }
    } finally {
      this.closed = true;
    }
  }
}

/** A client that fails a command's nth request, as S3 might. */
function failing(command: string, nth = 1): S3Client {
  const client = s3().newClient();
  let count = 0;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === command) count += 1;
        if (commandName !== command || count < nth) return await next(args);
        throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
      },
    { step: "initialize" },
  );
  return client;
}

describe("an archive whose length nobody knows", () => {
  test.each([
    ["small, at once", 1],
    ["of exactly one part", 16 * mib],
    ["of parts", 17 * mib + 5],
  ])("is uploaded: %s", async (_what, length) => {
    const chunks = new Chunks(length);
    const archives = createArchiveBucket(s3().client, bucket);
    const archive = await archives.put(`${length}`, chunks, never);
    expect(archive).toEqual(await archives.find(`${length}`));
    expect(archive.lengthBytes).toBe(length);
    const found = await bodyOf(s3().client, bucket, `${length}`);
    expect(crc32(found)).toBe(crc32(chunks.bytes));
    expect((await leftIn(s3().client, bucket)).uploads).toEqual([]);
  });
});

describe("of an upload that fails nothing is left", () => {
  let failed: string;
  beforeAll(async () => {
    failed = await s3().newBucket();
  });

  test.each([0, 3, 17])("when chunk %i fails; the failure is told as it is", async (at) => {
    const failure = Object.assign(new Error("A source broke off"), { code: "ECONNRESET" });
    const chunks = new Chunks(18 * mib);
    chunks.before = (index) => {
      if (index === at) throw failure;
    };
    const archives = createArchiveBucket(s3().client, failed);
    await expect(archives.put(key, chunks, never)).rejects.toBe(failure);
    expect(await leftIn(s3().client, failed)).toEqual(nothing);
  });

  test("when a source has changed", async () => {
    const changed = new BallError("source-changed", "a.txt");
    const chunks = new Chunks(18 * mib);
    chunks.before = (index) => {
      if (index === 17) throw changed;
    };
    await expect(createArchiveBucket(s3().client, failed).put(key, chunks, never)).rejects.toBe(changed);
    expect(await leftIn(s3().client, failed)).toEqual(nothing);
  });

  test.each([
    ["PutObjectCommand", 5],
    ["CreateMultipartUploadCommand", 18 * mib],
    ["UploadPartCommand", 18 * mib],
    ["CompleteMultipartUploadCommand", 18 * mib],
  ])("when S3 fails at %s; nobody waits for more chunks", async (command, length) => {
    const chunks = new Chunks(length);
    const archives = createArchiveBucket(failing(command), failed);
    const unwritable = { code: "archive-unwritable" };
    await expect(archives.put(key, chunks, never)).rejects.toMatchObject(unwritable);
    await expect.poll(() => chunks.closed).toBe(true);
    expect(chunks.taken).toBeLessThanOrEqual(Math.ceil(length / mib));
    expect(await leftIn(s3().client, failed)).toEqual(nothing);
  });

  test("though S3 does not abort it at first", async () => {
    const chunks = new Chunks(18 * mib);
    chunks.before = (index) => {
      if (index === 17) throw new Error("?");
    };
    const client = s3().newClient();
    let isRefused = false;
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== "AbortMultipartUploadCommand" || isRefused) return await next(args);
          isRefused = true;
          throw new Error("Not now");
        },
      { step: "initialize" },
    );
    await expect(createArchiveBucket(client, failed).put(key, chunks, never)).rejects.toThrow("?");
    expect(isRefused).toBe(true);
    expect(await leftIn(s3().client, failed)).toEqual(nothing);
  });

  test.each([0, 17])("when it is aborted while chunk %i is waited for", async (at) => {
    const reason = new Error("The time is over");
    const aborting = new AbortController();
    const chunks = new Chunks(18 * mib);
    const stuck = Promise.withResolvers<void>();
    chunks.before = async (index) => {
      if (index !== at) return;
      aborting.abort(reason);
      await stuck.promise;
    };
    const archives = createArchiveBucket(s3().client, failed);
    await expect(archives.put(key, chunks, aborting.signal)).rejects.toBe(reason);
    expect(await leftIn(s3().client, failed)).toEqual(nothing);
    stuck.resolve();
  });

  test("when it is aborted while S3 says nothing of a part", async () => {
    const reason = new Error("The time is over");
    const aborting = new AbortController();
    const client = s3().newClient();
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== "UploadPartCommand") return await next(args);
          aborting.abort(reason);
          return await new Promise(() => undefined);
        },
      { step: "initialize" },
    );
    const archives = createArchiveBucket(client, failed);
    await expect(archives.put(key, new Chunks(18 * mib), aborting.signal)).rejects.toBe(reason);
    expect(await leftIn(s3().client, failed)).toEqual(nothing);
  });

  test.each([
    ["PutObjectCommand", 5],
    ["CompleteMultipartUploadCommand", 18 * mib],
  ])("when another object stands there behind %s", async (command, length) => {
    const client = behind(s3().newClient(), command, () => s3().put(failed, key, "another"));
    const archives = createArchiveBucket(client, failed);
    await expect(archives.put(key, new Chunks(length), never)).rejects.toMatchObject({
      code: "archive-unwritable",
      message: expect.stringContaining("has 7 bytes"),
    });
    expect(await leftIn(s3().client, failed)).toEqual(nothing);
  });

  test("when it was aborted before it began: no chunk is asked for", async () => {
    const chunks = new Chunks(5);
    const reason = new Error("Never");
    const archives = createArchiveBucket(s3().client, failed);
    await expect(archives.put(key, chunks, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(chunks.taken).toBe(0);
  });
});

import { createServer } from "node:http";
import { S3Client } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { readAll } from "../support/read-all.ts";

/** An S3 that answers the same to everything, as a server does that ignores what it does not know. */
async function readerOfS3(status: number, headers: Record<string, string>) {
  const server = createServer((_request, response) => {
    response.writeHead(status, {
      "Content-Length": 4,
      "Last-Modified": new Date(0).toUTCString(),
      ...headers,
    });
    response.end("abcd");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close().closeAllConnections());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
  return createSourceReader(
    new S3Client({ endpoint, region: "us-east-1", credentials, forcePathStyle: true }),
    { retry: { attempts: 2, firstPauseMs: 1, maxPauseMs: 1 } },
  );
}

const byEtag = { bucket: "b", key: "k", sizeBytes: 4, pin: { kind: "etag", etag: '"e"' } } as const;
const byVersion = { ...byEtag, pin: { kind: "version", versionId: "v" } } as const;
const half = { start: 2, end: 6 };

test.each([
  ["the pinned ETag", 200, { ETag: '"e"' }, byEtag, { start: 0, end: 4 }, "read"],
  ["another ETag", 200, { ETag: '"other"' }, byEtag, { start: 0, end: 4 }, "source-changed"],
  ["no ETag", 200, {}, byEtag, { start: 0, end: 4 }, "source-changed"],
  ["the pinned version", 200, { "x-amz-version-id": "v" }, byVersion, { start: 0, end: 4 }, "read"],
  ["another version", 200, { "x-amz-version-id": "w" }, byVersion, { start: 0, end: 4 }, "source-changed"],
  [
    "the range",
    206,
    { ETag: '"e"', "Content-Range": "bytes 2-5/8" },
    { ...byEtag, sizeBytes: 8 },
    half,
    "read",
  ],
  [
    "another range",
    206,
    { ETag: '"e"', "Content-Range": "bytes 0-3/8" },
    { ...byEtag, sizeBytes: 8 },
    half,
    "source-corrupt",
  ],
  ["as many bytes but no range", 200, { ETag: '"e"' }, { ...byEtag, sizeBytes: 8 }, half, "source-corrupt"],
] as const)("bytes of a server that answers %s", async (_what, status, headers, source, range, outcome) => {
  const reader = await readerOfS3(status, headers);
  const read = await readAll(reader.read(source, range)).then(
    () => "read",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );
  expect(read).toBe(outcome);
});

test("a description of another object than the pinned one is none", async () => {
  const reader = await readerOfS3(200, { ETag: '"other"' });
  await expect(reader.describePinned(byEtag)).rejects.toMatchObject({ code: "source-changed" });
});

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer } from "node:http";
import { S3Client } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { readAll } from "../support/read-all.ts";

/** An S3 whose bodies stop after their first bytes. */
async function stallingS3(): Promise<S3Client> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "Content-Length": 10, ETag: '"e"' }).write("abc");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
  return new S3Client({ endpoint, region: "us-east-1", credentials, forcePathStyle: true });
}

/** Settles when the beginning of a body has come to undici's request, which is ours. */
function bodyBegan(): Promise<void> {
  const began = Promise.withResolvers<void>();
  const onChunk = () => began.resolve();
  subscribe("undici:request:bodyChunkReceived", onChunk);
  onTestFinished(() => void unsubscribe("undici:request:bodyChunkReceived", onChunk));
  return began.promise;
}

test("a read that is given up in the middle of a body ends with the signal's reason, not as a broken object", async () => {
  const source = { bucket: "b", key: "k", sizeBytes: 10, pin: { kind: "etag", etag: '"e"' } } as const;
  const began = bodyBegan();
  const giveUp = new AbortController();
  const reading = createSourceReader(await stallingS3()).read(source, { start: 0, end: 10 }, giveUp.signal);
  const outcome = expect(readAll(reading)).rejects.toThrow("out of time");
  await began;
  giveUp.abort(new Error("out of time"));
  await outcome;
});

import { createServer } from "node:http";
import { S3Client } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { createSourceReader } from "../../../lambdas/storage/s3/source-reader.ts";

/** An S3 whose bodies stop after their first bytes. */
async function stallingS3(): Promise<{ s3: S3Client; stalled: Promise<void> }> {
  const { promise: stalled, resolve } = Promise.withResolvers<void>();
  const server = createServer((_request, response) => {
    response.writeHead(200, { "Content-Length": 10 });
    response.write("abc", () => resolve());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
  const endpoint = `http://127.0.0.1:${port}`;
  return { s3: new S3Client({ endpoint, region: "us-east-1", credentials, forcePathStyle: true }), stalled };
}

test("a read that is given up in the middle of a body ends with the signal's reason, not as a broken object", async () => {
  const { s3, stalled } = await stallingS3();
  const source = { bucket: "b", key: "k", sizeBytes: 10, pin: { kind: "etag", etag: '"e"' } } as const;
  const giveUp = new AbortController();
  const reading = createSourceReader(s3).read(source, { start: 0, end: 10 }, giveUp.signal);
  void stalled.then(() => giveUp.abort(new Error("out of time")));
  await expect(reading).rejects.toThrow("out of time");
});

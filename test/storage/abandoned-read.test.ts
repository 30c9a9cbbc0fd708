import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer, IncomingMessage } from "node:http";
import { S3Client } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";

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

const received = z.object({ response: z.instanceof(IncomingMessage) });

/** How many listen for the body of the answer that came last. */
function watchReading(): () => number {
  let last: IncomingMessage | undefined;
  const onResponse = (message: unknown) => {
    last = received.parse(message).response;
  };
  subscribe("http.client.response.finish", onResponse);
  onTestFinished(() => void unsubscribe("http.client.response.finish", onResponse));
  return () => last?.listenerCount("readable") ?? 0;
}

test("a read that is given up in the middle of a body ends with the signal's reason, not as a broken object", async () => {
  const source = { bucket: "b", key: "k", sizeBytes: 10, pin: { kind: "etag", etag: '"e"' } } as const;
  const readerCount = watchReading();
  const giveUp = new AbortController();
  const reading = createSourceReader(await stallingS3()).read(source, { start: 0, end: 10 }, giveUp.signal);
  const outcome = expect(reading).rejects.toThrow("out of time");
  await expect.poll(readerCount).toBeGreaterThan(0);
  giveUp.abort(new Error("out of time"));
  await outcome;
});

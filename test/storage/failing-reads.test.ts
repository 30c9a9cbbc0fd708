import { createServer } from "node:http";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, onTestFinished, test } from "vitest";
import type { PinnedSource } from "../../lambdas/ball/source.ts";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { closeServer, listenOnLoopback } from "../../local/loopback.ts";
import { startFaultyProxy } from "../support/faulty-proxy.ts";
import { endedAt, endedInHead, resetUnanswered, stalledAt } from "../support/faulty-proxy-faults.ts";
import { readAll } from "../support/read-all.ts";
import { testS3 } from "../support/s3.ts";
import { pinnedSource } from "./pinned-source.ts";

const s3 = testS3();
const reader = () => createSourceReader(s3().client);
const pinned = (bucket: string, key: string) => pinnedSource(reader(), bucket, key);

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

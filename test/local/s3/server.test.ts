import { once } from "node:events";
import { readdirSync, renameSync, writeFileSync } from "node:fs";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, test, vi } from "vitest";
import { startLocalS3 } from "../../../local/s3/server.ts";
import {
  clientOf,
  createBucket,
  credentials,
  region,
  startServer,
  temporaryDirectory,
} from "./local-server.ts";

const mebibyte = 1024 * 1024;
const Bucket = "bucket";

function bodiesIn(dataDir: string): string[] {
  const folders = readdirSync(join(dataDir, "bodies"), { recursive: true, withFileTypes: true });
  return folders.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

describe("starting and stopping", () => {
  test("everything is there again after a restart", async () => {
    const dataDir = temporaryDirectory();
    const first = await startServer({ dataDir });
    await createBucket(first, Bucket);
    await clientOf(first).send(new PutObjectCommand({ Bucket, Key: "kept", Body: "still here" }));
    await first.close();
    const second = await startServer({ dataDir });
    const { Body } = await clientOf(second).send(new GetObjectCommand({ Bucket, Key: "kept" }));
    expect(await Body?.transformToString()).toBe("still here");
    const { Buckets } = await clientOf(second).send(new ListBucketsCommand({}));
    expect(Buckets).toMatchObject([{ Name: Bucket }]);
  });

  test("a port in use is the system's error", async () => {
    const port = Number(new URL((await startServer()).endpoint).port);
    const second = startLocalS3({ dataDir: temporaryDirectory(), port, region, credentials: [credentials] });
    await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("a second server on the same data does not start", async () => {
    const dataDir = temporaryDirectory();
    await startServer({ dataDir });
    const second = startLocalS3({ dataDir, port: 0, region, credentials: [credentials] });
    await expect(second).rejects.toThrow(`The S3 data in ${dataDir} cannot be opened`);
  });

  test("it listens on the loopback address alone", async () => {
    expect((await startServer()).endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test("close ends answers that nobody reads to their end", async () => {
    const server = await startServer();
    await createBucket(server, Bucket);
    const client = clientOf(server);
    await client.send(new PutObjectCommand({ Bucket, Key: "long", Body: Buffer.alloc(32 * mebibyte) }));
    const link = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: "long" }));
    const [answer] = await once(request(link).end(), "response");
    answer.on("error", () => {});
    await server.close();
  });

  test("what a crash left behind is removed, what it had committed is kept", async () => {
    const dataDir = temporaryDirectory();
    const first = await startServer({ dataDir });
    await createBucket(first, Bucket);
    await clientOf(first).send(new PutObjectCommand({ Bucket, Key: "committed", Body: "body" }));
    await first.close();
    const [id = ""] = bodiesIn(dataDir);
    renameSync(join(dataDir, "bodies", id.slice(0, 2), id), join(dataDir, "incoming", id));
    writeFileSync(join(dataDir, "incoming", "ffffffff"), "half a body");
    const second = await startServer({ dataDir });
    expect(readdirSync(join(dataDir, "incoming"))).toEqual([]);
    const { Body } = await clientOf(second).send(new GetObjectCommand({ Bucket, Key: "committed" }));
    expect(await Body?.transformToString()).toBe("body");
  });
});

describe("bodies", () => {
  test("no file is named after a key", async () => {
    const dataDir = temporaryDirectory();
    const server = await startServer({ dataDir });
    await createBucket(server, Bucket);
    const link = await getSignedUrl(clientOf(server), new PutObjectCommand({ Bucket, Key: "KEY" }));
    await clientOf(server).send(new PutObjectCommand({ Bucket, Key: "../../KEY", Body: "x" }));
    expect((await fetch(link, { method: "PUT", body: "x" })).status).toBe(200);
    expect(bodiesIn(dataDir)).toHaveLength(2);
    for (const name of bodiesIn(dataDir)) expect(name).toMatch(/^[0-9a-f]{32}$/);
  });

  test("a replaced and a deleted body leave the disk", async () => {
    const dataDir = temporaryDirectory();
    const server = await startServer({ dataDir });
    await createBucket(server, Bucket);
    const client = clientOf(server);
    for (const Body of ["first", "second"])
      await client.send(new PutObjectCommand({ Bucket, Key: "k", Body }));
    await vi.waitFor(() => expect(bodiesIn(dataDir)).toHaveLength(1));
    await client.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    await vi.waitFor(() => expect(bodiesIn(dataDir)).toHaveLength(0));
  });

  test("a body that is being read stays until it was read", async () => {
    const dataDir = temporaryDirectory();
    const server = await startServer({ dataDir });
    await createBucket(server, Bucket);
    const client = clientOf(server);
    const body = Buffer.alloc(32 * mebibyte, "body");
    await client.send(new PutObjectCommand({ Bucket, Key: "k", Body: body }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "k" }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    expect(bodiesIn(dataDir)).toHaveLength(1);
    expect(body.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
    await vi.waitFor(() => expect(bodiesIn(dataDir)).toHaveLength(0));
  });

  test("a reader that leaves lets go of the body", async () => {
    const dataDir = temporaryDirectory();
    const server = await startServer({ dataDir });
    await createBucket(server, Bucket);
    const client = clientOf(server);
    await client.send(new PutObjectCommand({ Bucket, Key: "k", Body: Buffer.alloc(32 * mebibyte) }));
    const link = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: "k" }));
    const reader: ClientRequest = request(link).end();
    const [answer]: IncomingMessage[] = await once(reader, "response");
    answer?.on("error", () => {});
    await client.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    expect(bodiesIn(dataDir)).toHaveLength(1);
    reader.destroy();
    await vi.waitFor(() => expect(bodiesIn(dataDir)).toHaveLength(0));
  });

  test("a writer that leaves leaves nothing behind", async () => {
    const dataDir = temporaryDirectory();
    const server = await startServer({ dataDir });
    await createBucket(server, Bucket);
    const client = clientOf(server);
    const link = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: "half" }));
    const writer = request(link, { method: "PUT", headers: { "content-length": String(2 * mebibyte) } });
    writer.on("error", () => {});
    writer.write(Buffer.alloc(mebibyte));
    await vi.waitFor(() => expect(readdirSync(join(dataDir, "incoming"))).toHaveLength(1), { timeout: 5000 });
    writer.destroy();
    await vi.waitFor(() => expect(readdirSync(join(dataDir, "incoming"))).toHaveLength(0), { timeout: 5000 });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: "half" }))).rejects.toThrow();
  });
});

describe("HTTP", () => {
  test("a client that waits for 100 Continue is refused before it sends its body", async () => {
    const server = await startServer();
    const link = await getSignedUrl(
      clientOf(server),
      new PutObjectCommand({ Bucket: "no-bucket", Key: "k" }),
    );
    const headers = { expect: "100-continue", "content-length": "1000000000" };
    const waiting = request(link, { method: "PUT", headers });
    waiting.flushHeaders();
    waiting.on("continue", () => expect.unreachable("no body was wanted"));
    const [answer]: IncomingMessage[] = await once(waiting, "response");
    expect(answer?.statusCode).toBe(404);
    waiting.on("error", () => {});
    waiting.destroy();
  });

  test("a client that waits for 100 Continue and is welcome gets it", async () => {
    const server = await startServer();
    await createBucket(server, Bucket);
    const link = await getSignedUrl(clientOf(server), new PutObjectCommand({ Bucket, Key: "k" }));
    const waiting = request(link, {
      method: "PUT",
      headers: { expect: "100-continue", "content-length": "4" },
    });
    waiting.flushHeaders();
    await once(waiting, "continue");
    waiting.end("body");
    const [answer]: IncomingMessage[] = await once(waiting, "response");
    expect(answer?.statusCode).toBe(200);
  });

  test("what S3 has and this server has not is NotImplemented", async () => {
    const client = clientOf(await startServer());
    const tagging = client.send(new GetObjectTaggingCommand({ Bucket, Key: "k" }));
    await expect(tagging).rejects.toMatchObject({
      name: "NotImplemented",
      $metadata: { httpStatusCode: 501 },
    });
  });

  test("256 readers at the same time are all served", async () => {
    const server = await startServer();
    await createBucket(server, Bucket);
    const client = clientOf(server);
    const body = Buffer.alloc(300_000, "body");
    await client.send(new PutObjectCommand({ Bucket, Key: "k", Body: body }));
    const link = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: "k" }));
    const readers = Array.from({ length: 256 }, async () => (await fetch(link)).arrayBuffer());
    for (const bytes of await Promise.all(readers)) expect(bytes.byteLength).toBe(body.length);
  });

  test("objects written at the same time are all there", async () => {
    const server = await startServer();
    await createBucket(server, Bucket);
    const client = clientOf(server);
    const keys = Array.from({ length: 300 }, (_, n) => `folder-${n % 30}/${n}`);
    await Promise.all(keys.map((Key) => client.send(new PutObjectCommand({ Bucket, Key, Body: "x" }))));
    const { CommonPrefixes } = await client.send(new ListObjectsV2Command({ Bucket, Delimiter: "/" }));
    expect(CommonPrefixes).toHaveLength(30);
  });
});

import { createServer, request, type Server } from "node:http";
import { buffer } from "node:stream/consumers";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { BoxClient } from "box-node-sdk";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { closeServer, listenOnLoopback } from "../../local/loopback.ts";
import { boxClient, boxErrorOf } from "./box-clients.ts";
import { startTestStack, type TestStack } from "./test-stack.ts";

/** What stands between the functions and S3, and does to answers what `mistreat` says. */
let mistreat: "nothing" | 403 | 503 | "flip a bit" = "nothing";
let s3Port = 0;
let proxy: Server;
let stack: TestStack;
let box: BoxClient;

beforeAll(async () => {
  proxy = createServer(async (asked, answer) => {
    if (typeof mistreat === "number") {
      answer.writeHead(mistreat).end();
      return;
    }
    const { method, url: path, headers } = asked;
    const forwarded = request(
      { host: "127.0.0.1", port: s3Port, method, path, headers },
      async (answered) => {
        const body = await buffer(answered);
        const first = body.at(0);
        if (mistreat === "flip a bit" && method === "GET" && first !== undefined) body[0] = first ^ 1;
        answer.writeHead(answered.statusCode ?? 500, answered.headers).end(body);
      },
    );
    asked.pipe(forwarded);
  });
  const port = await listenOnLoopback(proxy, 0);
  stack = await startTestStack({ variables: { S3_ENDPOINT: `http://127.0.0.1:${port}` } });
  s3Port = Number(new URL(stack.s3Endpoint).port);
  box = boxClient(stack);
  await stack.put({ "plain.txt": "plain" });
  await stack.s3WithoutChecksums.send(
    new PutObjectCommand({ Bucket: stack.bucket, Key: "unchecked.txt", Body: "unchecked" }),
  );
  await stack.s3.send(
    new PutObjectCommand({ Bucket: stack.bucket, Key: "cold.txt", Body: "cold", StorageClass: "GLACIER" }),
  );
});
afterEach(() => {
  mistreat = "nothing";
});
afterAll(async () => {
  await stack.close();
  await closeServer(proxy);
});

const zipOf = (...ids: readonly string[]) =>
  boxErrorOf(box.zipDownloads.createZipDownload({ items: ids.map((id) => ({ type: "file" as const, id })) }));

/** As the SDK tells it: texts with their JSON quotation marks. */
const told = z.object({
  responseInfo: z.object({
    statusCode: z.number(),
    code: z.string().transform((code) => code.replaceAll('"', "")),
    contextInfo: z.object({ reason: z.string().transform((reason) => reason.replaceAll('"', "")) }),
  }),
});

async function outcomeOf(...ids: readonly string[]) {
  const { responseInfo } = told.parse(await zipOf(...ids));
  return [responseInfo.statusCode, responseInfo.code, responseInfo.contextInfo.reason];
}

test("an object in an archive storage class", async () => {
  expect(await outcomeOf("/cold.txt")).toEqual([409, "conflict", "source-archived"]);
});

test("a request of more than 1 MiB", async () => {
  const ids = Array.from({ length: 40_000 }, (_, index) => `/some/path/${index}`);
  expect(await outcomeOf(...ids)).toEqual([413, "request_entity_too_large", "request-too-large"]);
});

test("a bucket that this service may not read", async () => {
  mistreat = 403;
  expect(await outcomeOf("/plain.txt")).toEqual([403, "forbidden", "source-forbidden"]);
});

test("an S3 that goes on failing", async () => {
  mistreat = 503;
  expect(await outcomeOf("/plain.txt")).toEqual([503, "unavailable", "source-unreadable"]);
});

test("an object whose bytes are not what S3 said of them", async () => {
  mistreat = "flip a bit";
  expect(await outcomeOf("/unchecked.txt")).toEqual([502, "bad_gateway", "source-corrupt"]);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { piecesOfBody } from "../../bench/stream/bodies.ts";
import { describeObjects } from "../../bench/stream/describe-objects.ts";
import { evenly } from "../../bench/stream/lateness.ts";
import { createOriginServer } from "../../bench/stream/origin-server.ts";
import { listenOnLoopback } from "../../local/loopback.ts";

const key = "some folder/object 1.bin";
const sizeBytes = 3_000_000;
const set = describeObjects("bench", [
  { key, sizeBytes },
  { key: "empty", sizeBytes: 0 },
]);
const body = Buffer.concat([...piecesOfBody(key, sizeBytes)]);
const server = createOriginServer(set, evenly(0));
let endpoint: string;
beforeAll(async () => {
  endpoint = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
});
afterAll(() => {
  server.close();
});

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(`${endpoint}/bench/${encodeURI(path)}?x-id=GetObject`, init);
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

test("an object is answered whole, with its length and its ETag", async () => {
  const { response, bytes } = await ask(key);
  expect(response.status).toBe(200);
  expect(response.headers.get("etag")).toBe(set.objects[0]?.etag);
  expect(bytes.equals(body)).toBe(true);
});

test.each([
  ["bytes=0-0", 0, 1],
  ["bytes=1048570-2097160", 1_048_570, 2_097_161],
  ["bytes=2999990-", 2_999_990, sizeBytes],
  ["bytes=2999990-9999999", 2_999_990, sizeBytes],
])("%s is answered with that part", async (range, start, end) => {
  const { response, bytes } = await ask(key, { headers: { range } });
  expect(response.status).toBe(206);
  expect(response.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/${sizeBytes}`);
  expect(bytes.equals(body.subarray(start, end))).toBe(true);
});

test("another ETag, another key and a range behind the end are refused", async () => {
  expect((await ask(key, { headers: { "if-match": '"other"' } })).response.status).toBe(412);
  expect((await ask("nothing")).response.status).toBe(404);
  expect((await ask(key, { headers: { range: "bytes=3000000-" } })).response.status).toBe(416);
});

test("HEAD and an empty object are answered without a body", async () => {
  const { response, bytes } = await ask(key, { method: "HEAD" });
  expect([response.headers.get("content-length"), bytes.length]).toEqual([String(sizeBytes), 0]);
  expect((await ask("empty")).bytes.length).toBe(0);
});

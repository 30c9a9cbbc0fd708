import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { closeServer, listenOnLoopback } from "../../local/loopback.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faulty-proxy.ts";
import * as faults from "../support/faulty-proxy-faults.ts";

const body = "0123456789";
const ranged = request("GET /bucket/a%20key?x-id=GetObject", "Range: bytes=0-9");

function request(line: string, ...fields: string[]): string {
  return [`${line} HTTP/1.1`, "Host: s3", ...fields, "", ""].join("\r\n");
}

let origin: string;
let connectionCount = 0;
beforeAll(async () => {
  const server = createServer((_incoming, response) => {
    const fields = { "Content-Length": body.length, "Content-Range": "bytes 0-9/10", ETag: '"e"' };
    response.sendDate = false;
    response.writeHead(206, fields).end(body);
  });
  server.on("connection", () => {
    connectionCount += 1;
  });
  origin = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
  return () => closeServer(server);
});

async function proxyWith(fault?: faults.Fault): Promise<FaultyProxy> {
  const proxy = await startFaultyProxy(origin);
  onTestFinished(() => proxy.close());
  proxy.choose = ({ nth }) => (nth === 1 ? fault : undefined);
  return proxy;
}

/** A connection of a client that knows nothing of HTTP, and what has come on it. */
function clientOf({ endpoint }: FaultyProxy) {
  const socket = connect(Number(new URL(endpoint).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const received = { text: "", end: "open" };
  socket
    .on("data", (chunk) => (received.text += chunk.toString("latin1")))
    .on("end", () => (received.end = "ended"))
    .on("error", (error) => (received.end = "code" in error ? `${error.code}` : error.message));
  return { socket, received };
}

const cases: [fault: faults.Fault | undefined, head: RegExp, text: string, end: string][] = [
  [undefined, /^HTTP\/1.1 206 .*content-length: 10\r\n/is, body, "open"],
  [faults.slowDown, /^HTTP\/1.1 503 SlowDown\r\n/, "<Code>SlowDown</Code>", "open"],
  [faults.wordlessError, /^HTTP\/1.1 500 .*content-length: 10000\r\n/s, "<Code>InternalError</Code>", "open"],
  [faults.tooManyRequests(3), /^HTTP\/1.1 429 .*retry-after: 3\r\n/s, "<Code>TooManyRequests</Code>", "open"],
  [
    faults.requestTimeTooSkewed(new Date(0)),
    /date: Thu, 01 Jan 1970/,
    "<Code>RequestTimeTooSkewed</",
    "open",
  ],
  [faults.resetUnanswered, /^$/, "", "ECONNRESET"],
  [faults.refused(), /^$/, "", "ECONNRESET"],
  [faults.stalledUnanswered, /^$/, "", "open"],
  [faults.endedInHead, /^HTTP\/1.1 2$/, "", "ended"],
  [faults.resetAt(0), /content-length: 10\r\n.*\r\n\r\n$/is, "", "ECONNRESET"],
  [faults.resetAt(4), /content-length: 10\r\n.*\r\n\r\n0123$/is, "", "ECONNRESET"],
  [faults.endedAt(9), /content-length: 10\r\n.*\r\n\r\n012345678$/is, "", "ended"],
  [faults.endedAt(99), /\r\n\r\n0123456789$/is, "", "ended"],
  [faults.stalledAt(4), /\r\n\r\n0123$/is, "", "open"],
  [faults.shorter, /content-length: 9\r\n.*\r\n\r\n012345678$/is, "", "open"],
  [faults.longer, /content-length: 14\r\n.*\r\n\r\n0123456789more$/is, "", "open"],
  [faults.bytesBehindEnd, /content-length: 10\r\n.*\r\n\r\n0123456789more$/is, "", "open"],
  [faults.shiftedRange, /content-range: bytes 1-10\/10\r\n/i, body, "open"],
  [
    faults.ignoredRange(Buffer.from("all of it")),
    /^HTTP\/1.1 200 .*content-length: 9\r\n/is,
    "all of it",
    "open",
  ],
  [faults.otherEtag, /^HTTP\/1.1 206 .*etag: "0{32}"\r\n/is, body, "open"],
  [faults.trickled(5), /^HTTP\/1.1 206 /, body, "open"],
  [faults.flippedAt(4), /^HTTP\/1.1 206 /, "0123556789", "open"],
  [faults.flippedAt(99), /^HTTP\/1.1 206 /, "0123456788", "open"],
];

test.each(cases.map((one) => [one[0]?.name ?? "nothing", ...one] as const))(
  "the proxy injects %s, and only into the request it was chosen for",
  async (_name, fault, head, text, end) => {
    const proxy = await proxyWith(fault);
    const { socket, received } = clientOf(proxy);
    socket.write(ranged);
    await expect.poll(() => received.text).toMatch(head);
    await expect.poll(() => received.text).toContain(text);
    await expect.poll(() => received.end).toBe(end);
    const names = fault === undefined ? [] : [fault.name];
    await expect.poll(() => proxy.injected.map((one) => one.fault)).toEqual(names);
    if (fault?.name === "connection refused") return;
    const next = clientOf(proxy);
    next.socket.write(ranged);
    await expect.poll(() => next.received.text).toMatch(/^HTTP\/1.1 206 .*\r\n\r\n0123456789$/s);
  },
);

test("who is refused may come again when the listener is open again", async () => {
  const proxy = await proxyWith(faults.refused(1));
  const { socket, received } = clientOf(proxy);
  const idle = clientOf(proxy);
  await once(idle.socket, "connect");
  socket.write(ranged);
  await expect.poll(() => received.end).toBe("ECONNRESET");
  await expect.poll(() => idle.received.end).toBe("ECONNRESET");
  const answered = async () => {
    const { socket: again, received: later } = clientOf(proxy);
    again.write(ranged);
    await once(again, "data").catch(() => undefined);
    return later.text;
  };
  await expect.poll(answered).toMatch(/^HTTP\/1.1 206 /);
});

test("a connection serves many requests by one of its own, and those of objects are told with key and range", async () => {
  const proxy = await proxyWith();
  const { socket, received } = clientOf(proxy);
  const before = connectionCount;
  const others = ["HEAD /bucket/a", "GET /bucket/?list-type=2", "GET /bucket/a?attributes"].map((line) =>
    request(line),
  );
  const answerCount = () => received.text.split("HTTP/1.1 206 ").length - 1;
  const signed = "Authorization: AWS4-HMAC-SHA256 Credential=ID/20260101/r/s3/aws4_request, Signature=0";
  for (const [index, text] of [ranged, request("GET /bucket/b/c", signed), ...others].entries()) {
    socket.write(text);
    await expect.poll(answerCount).toBe(index + 1);
  }
  expect(connectionCount - before).toBe(1);
  expect(proxy.gets).toEqual([
    { nth: 1, key: "a key", range: { start: 0, end: 10 }, accessKeyId: undefined },
    { nth: 2, key: "b/c", range: undefined, accessKeyId: "ID" },
  ]);
});

test("a client that leaves in the middle of an answer leaves no connection behind", async () => {
  const proxy = await proxyWith(faults.stalledAt(4));
  const { socket, received } = clientOf(proxy);
  socket.write(ranged);
  await expect.poll(() => received.text).toMatch(/0123$/);
  expect(proxy.openCount()).toBe(1);
  socket.destroy();
  await expect.poll(() => proxy.openCount()).toBe(0);
});

import { once } from "node:events";
import { finished } from "node:stream/promises";
import { expect, test } from "vitest";
import { download, open, readWhole, sayRaw, startStreamed } from "./test-host.ts";

test("status, headers and body of a streamed answer arrive", async () => {
  const host = await startStreamed(async (_event, stream) => {
    const headers = { "Content-Type": "application/zip", ETag: '"a"' };
    const answer = from(stream, {
      statusCode: 206,
      headers,
      multiValueHeaders: { "X-Two": ["1", "2"] },
      cookies: ["c=1"],
    });
    answer.write("hello ");
    answer.end("world");
  });
  const response = await open(`${host.url}/a`);
  expect(response.statusCode).toBe(206);
  expect(response.headers).toMatchObject({
    "content-type": "application/zip",
    etag: '"a"',
    "x-two": "1, 2",
    "set-cookie": ["c=1"],
    "transfer-encoding": "chunked",
  });
  expect(await readWhole(response)).toEqual({ body: Buffer.from("hello world"), isWhole: true });
});

test("the Content-Length of the prelude is kept, and no body is chunked then", async () => {
  const host = await startStreamed(async (_event, stream) =>
    answer(stream, { "Content-Length": "5" }, "hello"),
  );
  const response = await open(`${host.url}/a`);
  expect(response.headers["content-length"]).toBe("5");
  expect(response.headers["transfer-encoding"]).toBeUndefined();
  expect((await readWhole(response)).isWhole).toBe(true);
});

test.each([
  ["HEAD", 200],
  ["GET", 304],
])("the body of a %s that answers %i is dropped and its Content-Length kept", async (method, statusCode) => {
  const host = await startStreamed(async (_event, stream) => {
    from(stream, { statusCode, headers: { "Content-Length": "1000" } }).write("x");
    stream.end();
  });
  const response = await open(`${host.url}/a`, method);
  expect(response.statusCode).toBe(statusCode);
  expect(response.headers["content-length"]).toBe("1000");
  expect(await readWhole(response)).toEqual({ body: Buffer.alloc(0), isWhole: true });
  expect(host.failures).toEqual([]);
});

test.each([
  ["throws", async () => Promise.reject(new Error("broken source"))],
  [
    "destroys its stream",
    async (stream: awslambda.HttpResponseStream) => void stream.destroy(new Error("broken source")),
  ],
  ["ends too early", async (stream: awslambda.HttpResponseStream) => void stream.end()],
  [
    "writes too much",
    async (stream: awslambda.HttpResponseStream) => void stream.end(Buffer.alloc(2_000_000)),
  ],
])("a function that %s in the middle of its body breaks the connection", async (_name, misbehave) => {
  const host = await startStreamed(async (_event, stream) => {
    from(stream, { statusCode: 200, headers: { "Content-Length": "1000000" } }).write(Buffer.alloc(300_000));
    await misbehave(stream);
  });
  const { body, isWhole } = await download(`${host.url}/a`);
  expect(isWhole).toBe(false);
  expect(body.length).toBeLessThan(1_000_000);
  expect(host.failures).toHaveLength(1);
});

test("a chunked body that fails has no last chunk", async () => {
  const host = await startStreamed(async (_event, stream) => {
    from(stream, { statusCode: 200 }).write("some");
    throw new Error("broken source");
  });
  expect(await download(`${host.url}/a`)).toMatchObject({ isWhole: false });
});

test("to HTTP/1.0, which knows a body's end by the connection's, a failure is a reset", async () => {
  const host = await startStreamed(async (_event, stream) => {
    await new Promise((resolve) => from(stream, { statusCode: 200 }).write("some", resolve));
    throw new Error("broken source");
  });
  expect(await sayRaw(host.port, "GET /a HTTP/1.0\r\n\r\n")).not.toContain("transfer-encoding");
  expect(host.failures).toHaveLength(1);
});

test.each([
  ["throws", () => Promise.reject(new Error("no source"))],
  [
    "ends without a byte",
    async (stream: awslambda.HttpResponseStream) => void from(stream, { statusCode: 200 }).end(),
  ],
  [
    "ends with bytes it never wrote, and so without its prelude",
    async (stream: awslambda.HttpResponseStream) => void from(stream, { statusCode: 200 }).end("body"),
  ],
  ["writes no prelude", async (stream: awslambda.HttpResponseStream) => void stream.end("x".repeat(20_000))],
  [
    "has a prelude that is none",
    async (stream: awslambda.HttpResponseStream) => answer(stream, {}, "", "200 OK"),
  ],
  [
    "has a header that HTTP does not allow",
    async (stream: awslambda.HttpResponseStream) => answer(stream, { "a b": "c" }, "x"),
  ],
])("a function that %s before its body is a 502 in the gateway's words", async (_name, misbehave) => {
  const host = await startStreamed(async (_event, stream) => misbehave(stream));
  const response = await fetch(`${host.url}/a`);
  expect(response.status).toBe(502);
  expect(response.headers.get("content-type")).toBe("application/json");
  const requestId = response.headers.get("x-request-id");
  expect(await response.json()).toMatchObject({
    success: false,
    type: "error",
    status: 502,
    request_id: requestId,
  });
  expect(host.failures).toHaveLength(1);
});

test("a reader that does not read holds the function back", async () => {
  const chunk = Buffer.alloc(64 * 1024);
  const total = 64 * 1024 * 1024;
  let written = 0;
  let stalledAt: (bytes: number) => void = () => {};
  const stalled = new Promise<number>((resolve) => {
    stalledAt = resolve;
  });
  const host = await startStreamed(async (_event, stream) => {
    const body = from(stream, { statusCode: 200, headers: { "Content-Length": String(total) } });
    while (written < total) {
      written += chunk.length;
      if (body.write(chunk)) continue;
      expect(body.writableLength).toBeLessThanOrEqual(256 * 1024);
      const drained = once(body, "drain");
      const pause = new Promise((resolve) => setTimeout(resolve, 300));
      if ((await Promise.race([drained, pause])) === undefined) stalledAt(written);
      await drained;
    }
    body.end();
  });
  const response = await open(`${host.url}/a`);
  // What has left is in the sockets' buffers, some megabytes on loopback; the rest was never written.
  expect(await stalled).toBeLessThan(total / 2);
  expect((await readWhole(response)).body.length).toBe(total);
});

test("a client that leaves stops the function's writing and closes its stream", async () => {
  let tell: (outcome: string) => void = () => {};
  const outcome = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const host = await startStreamed(async (_event, stream) => {
    const body = from(stream, { statusCode: 200, headers: { "Content-Length": "1000000000" } });
    const closed = once(body, "close");
    while (!body.destroyed) {
      const sent = new Promise((resolve) => body.write(Buffer.alloc(64 * 1024), resolve));
      await Promise.race([sent, closed]);
    }
    body.write("x", (error) => tell(error ? "failed" : "written"));
  });
  const response = await open(`${host.url}/a`);
  response.destroy();
  expect(await outcome).toBe("failed");
  expect(host.failures).toEqual([]);
});

test("a write that waits for a client comes back with an error when that client leaves", async () => {
  let tell: (error: unknown) => void = () => {};
  const outcome = new Promise((resolve) => {
    tell = resolve;
  });
  const host = await startStreamed(async (_event, stream) => {
    const body = from(stream, { statusCode: 200 });
    body.write(Buffer.alloc(64 * 1024 * 1024), tell);
    await finished(body).catch(() => {});
  });
  const response = await open(`${host.url}/a`);
  response.destroy();
  expect(await outcome).toBeInstanceOf(Error);
});

test("closing the host breaks what is under way and waits for its functions", async () => {
  let isOver = false;
  const host = await startStreamed(async (_event, stream) => {
    from(stream, { statusCode: 200 }).write("x");
    await once(stream, "close");
    isOver = true;
  });
  const response = await open(`${host.url}/a`);
  const whole = readWhole(response);
  await host.close();
  expect(isOver).toBe(true);
  expect((await whole).isWhole).toBe(false);
});

test("a function that never ends its stream is broken off at its time limit", async () => {
  const host = await startStreamed(
    async (_event, stream) => {
      from(stream, { statusCode: 200 }).write("x");
    },
    { functionTimeoutMs: 200 },
  );
  expect((await download(`${host.url}/a`)).isWhole).toBe(false);
  expect(host.failures).toHaveLength(1);
});

test("AWS's own cap on streamed bytes can be tried: the connection breaks there", async () => {
  const host = await startStreamed(async (_event, stream) => answer(stream, {}, "x".repeat(2000)), {
    streamCaps: { maxBytes: 1000 },
  });
  expect((await download(`${host.url}/a`)).isWhole).toBe(false);
});

test("AWS's own cap on bandwidth can be tried", async () => {
  const host = await startStreamed(
    async (_event, stream) => {
      const body = from(stream, { statusCode: 200 });
      for (let count = 0; count < 10; count += 1) {
        if (!body.write(Buffer.alloc(64 * 1024))) await once(body, "drain");
      }
      body.end();
    },
    { streamCaps: { uncappedBytes: 64 * 1024, bytesPerSecond: 2_000_000 } },
  );
  const begun = Date.now();
  expect((await download(`${host.url}/a`)).body.length).toBe(640 * 1024);
  expect(Date.now() - begun).toBeGreaterThan(200);
});

test("a handler sees of its stream what the managed runtime shows, and no more", async () => {
  const seen: unknown[] = [];
  const host = await startStreamed(async (_event, stream) => {
    seen.push(stream.writableHighWaterMark, stream.closed, stream.errored, "pipe" in stream);
    answer(stream, {}, "x");
  });
  await download(`${host.url}/a`);
  expect(seen).toEqual([64 * 1024, undefined, undefined, false]);
});

test("anything but text and bytes is written as JSON, and a content type can not be set after the first write", async () => {
  let late: unknown;
  const host = await startStreamed(async (_event, stream) => {
    const body = from(stream, { statusCode: 200 });
    body.write({ a: [1] });
    try {
      stream.setContentType("text/plain");
    } catch (error) {
      late = error;
    }
    body.end();
  });
  const { body } = await download(`${host.url}/a`);
  expect(body.toString()).toBe('{"a":[1]}');
  expect(late).toBeInstanceOf(Error);
});

function from(stream: awslambda.HttpResponseStream, prelude: Record<string, unknown>) {
  return awslambda.HttpResponseStream.from(stream, prelude);
}

function answer(
  stream: awslambda.HttpResponseStream,
  headers: Record<string, string>,
  body: string,
  statusCode: unknown = 200,
): void {
  from(stream, { statusCode, headers }).write(body);
  stream.end();
}

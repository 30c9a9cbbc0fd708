import type { APIGatewayProxyEvent } from "aws-lambda";
import { expect, test } from "vitest";
import type { LambdaContext } from "../../../local/api-gateway/lambda-function.ts";
import { maxRequestBodyBytes } from "../../../local/api-gateway/request-body.ts";
import { open, readWhole, sayRaw, startBuffered, startHost } from "./test-host.ts";

test("status, headers and body of a buffered answer arrive", async () => {
  const host = await startBuffered(async () => ({
    statusCode: 201,
    headers: { "Content-Type": "text/plain", "X-Number": 1 },
    multiValueHeaders: { "X-Two": ["1", "2"] },
    body: "grüße",
  }));
  const response = await open(`${host.url}/a`);
  expect(response.statusCode).toBe(201);
  expect(response.headers).toMatchObject({
    "content-type": "text/plain",
    "x-number": "1",
    "x-two": "1, 2",
    "content-length": "7",
  });
  expect((await readWhole(response)).body.toString()).toBe("grüße");
});

test("a body in base64 arrives as its bytes", async () => {
  const body = Buffer.from([0, 255, 128]);
  const host = await startBuffered(async () => ({
    statusCode: 200,
    body: body.toString("base64"),
    isBase64Encoded: true,
  }));
  expect((await readWhole(await open(`${host.url}/a`))).body).toEqual(body);
});

test("a buffered function's own Content-Length is moved out of the way, as API Gateway does", async () => {
  const host = await startBuffered(async () => ({
    statusCode: 200,
    headers: { "Content-Length": "999" },
    body: "abc",
  }));
  const { headers } = await fetch(`${host.url}/a`);
  expect(headers.get("content-length")).toBe("3");
  expect(headers.get("x-amzn-remapped-content-length")).toBe("999");
});

test.each([
  ["throws", async () => Promise.reject(new Error("secret"))],
  [
    "throws before it is a promise",
    () => {
      throw new Error("secret");
    },
  ],
  ["answers nothing", async () => undefined],
  ["answers without a status", async () => ({ body: "secret" })],
  ["answers a body that is no text", async () => ({ statusCode: 200, body: { secret: true } })],
  [
    "answers a header that HTTP does not allow",
    async () => ({ statusCode: 200, headers: { a: "b\r\nc: d" } }),
  ],
])("a function that %s is a 502 in the gateway's words", async (_name, handler) => {
  const host = await startBuffered(handler);
  const answer = await fetch(`${host.url}/a`);
  expect(answer.status).toBe(502);
  const text = await answer.text();
  expect(JSON.parse(text)).toMatchObject({ success: false, status: 502, code: "internal_server_error" });
  expect(text).not.toContain("secret");
  expect(host.failures).toHaveLength(1);
});

test("a function that takes too long is a 504", async () => {
  const host = await startBuffered(() => new Promise(() => {}), { functionTimeoutMs: 100 });
  expect((await fetch(`${host.url}/a`)).status).toBe(504);
});

test("a function knows its name, its request and the time it has left", async () => {
  const contexts: LambdaContext[] = [];
  const host = await startBuffered(async (_event: APIGatewayProxyEvent, context: LambdaContext) => {
    contexts.push(context);
    return { statusCode: 200, body: String(context.getRemainingTimeInMillis()) };
  });
  const answer = await fetch(`${host.url}/a`);
  expect(contexts[0]).toMatchObject({
    functionName: "function",
    awsRequestId: answer.headers.get("x-amzn-requestid"),
  });
  const left = Number(await answer.text());
  expect(left).toBeGreaterThan(20_000);
  expect(left).toBeLessThanOrEqual(29_000);
});

test.each([
  ["GET", "/"],
  ["GET", "/a/b"],
  ["GET", "/v2/zipball/"],
  ["GET", "//v2/zipball"],
  ["DELETE", "/v2/zipball"],
  ["OPTIONS", "*"],
])("%s %s is nobody's, and 404 in both dialects' shapes", async (method, target) => {
  const host = await startBuffered(async () => ({ statusCode: 200 }));
  const said = await sayRaw(
    host.port,
    `${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  );
  const expected = target === "*" ? 400 : 404;
  expect(said).toMatch(new RegExp(`^HTTP/1.1 ${expected} `));
  expect(said).toMatch(/\r\nX-Request-Id: [0-9a-f-]{36}\r\n/);
  expect(JSON.parse(said.slice(said.indexOf("\r\n\r\n")))).toMatchObject({
    success: false,
    type: "error",
    status: expected,
  });
});

test.each([
  [
    "a path whose percent-encoding is broken",
    "GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    400,
  ],
  ["no HTTP at all", "hello\r\n\r\n", 400],
  [
    "two different lengths",
    "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    400,
  ],
  [
    "a length and chunks",
    "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    400,
  ],
  ["headers beyond all measure", `GET /a HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
])("%s is refused in the gateway's words", async (_name, bytes, status) => {
  const host = await startBuffered(async () => ({ statusCode: 200 }));
  const said = await sayRaw(host.port, bytes);
  expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(JSON.parse(said.slice(said.indexOf("\r\n\r\n")))).toMatchObject({ success: false, status });
});

test.each([
  [maxRequestBodyBytes, 200],
  [maxRequestBodyBytes + 1, 413],
])("a body of %i bytes is answered %i", async (length, status) => {
  const host = await startBuffered(async (event: APIGatewayProxyEvent) => ({
    statusCode: 200,
    body: String(event.body?.length),
  }));
  const answer = await fetch(`${host.url}/a`, { method: "POST", body: "x".repeat(length) });
  expect(answer.status).toBe(status);
});

test("a body too large that does not say its length is refused, too", async () => {
  const host = await startBuffered(async () => ({ statusCode: 200 }));
  const chunk = new Uint8Array(1024 * 1024);
  let left = 12;
  const body = new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(chunk);
      else controller.close();
    },
  });
  const answer = await fetch(`${host.url}/a`, { method: "POST", body, duplex: "half" });
  expect(answer.status).toBe(413);
});

test("a client that asks first is told to go on, or that its body is too large", async () => {
  const host = await startBuffered(async (event: APIGatewayProxyEvent) => ({
    statusCode: 200,
    body: event.body,
  }));
  const head = (length: number) =>
    `POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`;
  expect(await sayRaw(host.port, `${head(5)}hello`)).toMatch(
    /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/,
  );
  expect(await sayRaw(host.port, head(maxRequestBodyBytes + 1))).toMatch(/^HTTP\/1.1 413 /);
});

test("one connection carries several requests", async () => {
  const host = await startBuffered(async (event: APIGatewayProxyEvent) => ({
    statusCode: 200,
    body: event.path,
  }));
  const said = await sayRaw(
    host.port,
    "GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  );
  expect(said.match(/\/[ab]$|\/aHTTP/g)).toEqual(["/aHTTP", "/b"]);
});

test.each([
  ["is missing", { functions: {} }, "There is no function function"],
  [
    "streams where its route does not",
    { functions: { function: streaming() } },
    "is buffered, but its handler is not",
  ],
])("a function that %s is found at the start", async (_name, options, message) => {
  const routes = [
    { method: "GET", resource: "/a", functionName: "function", response: "buffered", authorized: false },
  ] as const;
  await expect(startHost({ routes, ...options })).rejects.toThrow(message);
});

function streaming() {
  return awslambda.streamifyResponse(async () => {});
}

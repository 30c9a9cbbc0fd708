import type { APIGatewayProxyEvent } from "aws-lambda";
import { expect, test } from "vitest";
import { sayRaw, startBuffered, type TestHost } from "./test-host.ts";

test("an event has the shape that AWS documents", async () => {
  const { event, host } = await eventOf((host) =>
    fetch(`${host.url}/v2/zipball`, { method: "POST", body: '{"a":1}', headers: { "User-Agent": "test/1" } }),
  );
  expect(event).toMatchObject({
    resource: "/v2/zipball",
    path: "/v2/zipball",
    httpMethod: "POST",
    pathParameters: null,
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    stageVariables: null,
    body: '{"a":1}',
    isBase64Encoded: false,
    requestContext: {
      domainName: `127.0.0.1:${host.port}`,
      httpMethod: "POST",
      identity: { sourceIp: "127.0.0.1", userAgent: "test/1", cognitoIdentityId: null },
      path: "/v2/zipball",
      protocol: "HTTP/1.1",
      resourcePath: "/v2/zipball",
      stage: "local",
    },
  });
  expect(event.requestContext.requestTime).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  expect(Math.abs(event.requestContext.requestTimeEpoch - Date.now())).toBeLessThan(60_000);
});

test("the answer's request id is the event's", async () => {
  const { event, answer } = await eventOf((host) => fetch(`${host.url}/a`));
  expect(answer.headers.get("x-amzn-requestid")).toBe(event.requestContext.requestId);
});

test("a request without a body has the body null", async () => {
  const { event } = await eventOf((host) => fetch(`${host.url}/a`));
  expect(event.body).toBeNull();
});

test("a query flag without a value is there with an empty one", async () => {
  const { event } = await eventOf((host) => fetch(`${host.url}/a.zip?zipball`));
  expect(event.queryStringParameters).toEqual({ zipball: "" });
  expect(event.multiValueQueryStringParameters).toEqual({ zipball: [""] });
});

test("query parameters are decoded, and of several values the single map has the last", async () => {
  const { event } = await eventOf((host) =>
    fetch(`${host.url}/a?x=1&x=a%20b&X-Bit-Filename=%C3%A4+b&__proto__=2`),
  );
  expect(event.queryStringParameters).toEqual(
    Object.fromEntries([
      ["x", "a b"],
      ["X-Bit-Filename", "ä b"],
      ["__proto__", "2"],
    ]),
  );
  expect(event.multiValueQueryStringParameters?.x).toEqual(["1", "a b"]);
});

test.each([
  ["/plain.zip", "plain.zip"],
  ["/with%20space", "with space"],
  ["/a%2Fb", "a/b"],
  ["/%C3%BCber", "über"],
  ["/a+b", "a+b"],
  ["/a;b=c", "a;b=c"],
])("the path %s stays encoded while its parameter is %s", async (path, parameter) => {
  const { event } = await eventOf((host) => fetch(`${host.url}${path}`));
  expect(event.path).toBe(path);
  expect(event.pathParameters).toEqual({ name: parameter });
});

test("headers keep their casing, and those sent twice have both values", async () => {
  const { event } = await eventOf((host) =>
    sayRaw(
      host.port,
      "GET /a HTTP/1.1\r\nHost: elsewhere.example\r\nX-CuStOm: 1\r\nx-custom: 2\r\nConnection: close\r\n\r\n",
    ),
  );
  expect(event.headers["X-CuStOm"]).toBe("2");
  expect(event.multiValueHeaders["X-CuStOm"]).toEqual(["1", "2"]);
  expect(event.headers.Host).toBe("elsewhere.example");
  expect(event.headers.Connection).toBeUndefined();
  expect(event.headers["X-Forwarded-For"]).toBe("127.0.0.1");
});

test("the domain name is the host's own, whatever the Host header says", async () => {
  const { event, host } = await eventOf((host) =>
    sayRaw(
      host.port,
      "GET http://evil.example/a?b HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    ),
  );
  expect(event.requestContext.domainName).toBe(`127.0.0.1:${host.port}`);
  expect(event.path).toBe("/a");
  expect(event.queryStringParameters).toEqual({ b: "" });
});

test("under a stage, only the request context's path has the stage", async () => {
  const { event, host } = await eventOf((host) => fetch(`${host.url}/v2/zipball`), "prod");
  expect(host.url).toBe(`http://127.0.0.1:${host.port}/prod`);
  expect(event.path).toBe("/v2/zipball");
  expect(event.requestContext.path).toBe("/prod/v2/zipball");
  expect(event.requestContext.stage).toBe("prod");
});

test.each(["/v2/zipball", "/production/v2/zipball", "/prod", "/prod/"])(
  "under the stage prod there is nothing at %s",
  async (path) => {
    const host = await startBuffered(async () => ({ statusCode: 200 }), { stage: "prod" });
    const answer = await fetch(`http://127.0.0.1:${host.port}${path}`);
    expect(answer.status).toBe(404);
  },
);

async function eventOf<Answer>(
  ask: (host: TestHost) => Promise<Answer>,
  stage = "",
): Promise<{ event: APIGatewayProxyEvent; answer: Answer; host: TestHost }> {
  const events: APIGatewayProxyEvent[] = [];
  const handler = async (event: APIGatewayProxyEvent) => {
    events.push(event);
    return { statusCode: 200, body: "{}" };
  };
  const host = await startBuffered(handler, { stage });
  const answer = await ask(host);
  const [event] = events;
  if (event === undefined) throw new Error("The function was not called");
  return { event, answer, host };
}

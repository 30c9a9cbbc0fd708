import { describe, expect, test } from "vitest";
import { parseRequest } from "../../lambdas/gateway/request.ts";
import { proxyEvent } from "./proxy-events.ts";

describe("the body", () => {
  const text = '{"path":"/größe 😀"}';

  test.each([
    ["as text", { body: text }, text],
    ["in Base64", { body: Buffer.from(text).toString("base64"), isBase64Encoded: true }, text],
    ["that is not there", { body: null }, ""],
    ["that is empty", { body: "" }, ""],
    ["that only looks like Base64", { body: "YWJj", isBase64Encoded: false }, "YWJj"],
  ])("%s", (_name, event, body) => {
    expect(parseRequest(proxyEvent(event)).body).toBe(body);
  });
});

describe("headers", () => {
  test("are found by lower-case name, however they were written", () => {
    const { header } = parseRequest(proxyEvent({ headers: { "If-None-Match": '"a"', RANGE: "bytes=0-" } }));
    expect([header("if-none-match"), header("range"), header("if-match")]).toEqual([
      '"a"',
      "bytes=0-",
      undefined,
    ]);
  });

  test("that came several times are one list", () => {
    const event = { headers: { "If-Match": '"b"' }, multiValueHeaders: { "If-Match": ['"a"', '"b"'] } };
    expect(parseRequest(proxyEvent(event)).header("if-match")).toBe('"a", "b"');
  });

  test.each([
    { headers: null, multiValueHeaders: null },
    { headers: {}, multiValueHeaders: {} },
    { headers: { Range: undefined }, multiValueHeaders: { Range: undefined } },
  ])("may be none: %o", (event) => {
    expect(parseRequest(proxyEvent(event)).header("range")).toBeUndefined();
  });

  test("named like what every object has are none", () => {
    expect(parseRequest(proxyEvent()).header("constructor")).toBeUndefined();
  });
});

describe("the base of links", () => {
  const domainName = "x.execute-api.eu-central-1.amazonaws.com";

  test.each([
    ["has the stage", "/prod/v2/zipball", `https://${domainName}/prod`],
    ["has a custom domain's mapping", "/files/v2/zipball", `https://${domainName}/files`],
    ["has a mapping of several segments", "/a/b/v2/zipball", `https://${domainName}/a/b`],
    ["has nothing behind a custom domain without one", "/v2/zipball", `https://${domainName}`],
    [
      "has the stage, whether the request ended in a slash or not",
      "/prod/v2/zipball/",
      `https://${domainName}/prod`,
    ],
  ])("%s", (_sentence, path, baseUrl) => {
    expect(parseRequest(proxyEvent({}, { path })).baseUrl).toBe(baseUrl);
  });

  test("is never what the caller says in Host", () => {
    const headers = {
      Host: "evil.example",
      "X-Forwarded-Host": "evil.example",
      Forwarded: "host=evil.example",
    };
    expect(parseRequest(proxyEvent({ headers })).baseUrl).toBe(`https://${domainName}/prod`);
  });

  test("is found in front of a path with parameters", () => {
    const event = { resource: "/{ball}", pathParameters: { ball: "abc.zip" } };
    expect(parseRequest(proxyEvent(event, { path: "/prod/abc.zip" })).baseUrl).toBe(
      `https://${domainName}/prod`,
    );
  });
});

describe("what else there is", () => {
  test("all of the query, in its order and with what came several times", () => {
    const multiValueQueryStringParameters = { zipball: [""], name: ["a b", "c&d"] };
    expect(parseRequest(proxyEvent({ multiValueQueryStringParameters })).queryParameters).toEqual([
      ["zipball", ""],
      ["name", "a b"],
      ["name", "c&d"],
    ]);
    expect(parseRequest(proxyEvent()).queryParameters).toEqual([]);
  });

  test("query and path parameters, which may be none", () => {
    const some = { queryStringParameters: { zipball: "", name: "a" }, pathParameters: { ball: "abc.zip" } };
    const request = parseRequest(proxyEvent(some));
    expect([request.query("zipball"), request.query("name"), request.query("x")]).toEqual([
      "",
      "a",
      undefined,
    ]);
    expect([request.pathParameter("ball"), request.pathParameter("x")]).toEqual(["abc.zip", undefined]);
    expect(parseRequest(proxyEvent()).query("zipball")).toBeUndefined();
    expect(parseRequest(proxyEvent()).pathParameter("ball")).toBeUndefined();
  });

  test("what the authorizer found out, where one was asked", () => {
    const authorizer = { bucket: "photos", integrationLatency: 3 };
    expect(parseRequest(proxyEvent({}, { authorizer })).authorizerContext).toEqual(authorizer);
    expect(parseRequest(proxyEvent({}, { authorizer: null })).authorizerContext).toBeUndefined();
    expect(parseRequest(proxyEvent()).authorizerContext).toBeUndefined();
  });

  test("its route, whatever its path", () => {
    const event = { resource: "/v2/metadata/{id}", pathParameters: { id: "7" } };
    expect(parseRequest(proxyEvent(event)).resource).toBe("/v2/metadata/{id}");
  });

  test.each([undefined, null, {}, { Records: [] }, { version: "2.0", rawPath: "/" }])(
    "%o is no such event",
    (event) => {
      expect(() => parseRequest(event)).toThrow();
    },
  );
});

import { describe, expect, test } from "vitest";
import {
  amzDateOf,
  authorizationOf,
  emptyPayloadHash,
  encodeComponent,
  encodePath,
  type SignableRequest,
} from "../../../lambdas/storage/s3/sigv4.ts";

const get = { method: "GET", path: "/", query: "", payloadHash: emptyPayloadHash } as const;

/** The signature alone. */
const signatureIn = (authorization: string) => authorization.replace(/^.*Signature=/, "");

const unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

describe("AWS's test suite for Signature Version 4 (aws-sig-v4-test-suite), GET requests", () => {
  const scope = {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    region: "us-east-1",
    service: "service",
  };
  const host = ["host", "example.amazonaws.com"] as const;
  const date = ["x-amz-date", "20150830T123600Z"] as const;
  const token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
  const utf8 = encodeComponent("ሴ");

  test.each<[name: string, Partial<SignableRequest>, signature: string]>([
    ["get-vanilla", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
    [
      "get-header-key-duplicate",
      { headers: [host, ["my-header1", "value2,value2,value1"], date] },
      "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ],
    [
      "get-header-value-order",
      { headers: [host, ["my-header1", "value4,value1,value3,value2"], date] },
      "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
    ],
    [
      "get-header-value-trim",
      { headers: [host, ["my-header1", "value1"], ["my-header2", '"a b c"'], date] },
      "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ],
    [
      "get-unreserved",
      { path: encodePath(`/${unreserved}`) },
      "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    ],
    [
      "get-utf8",
      { path: encodePath("/ሴ") },
      "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    ],
    [
      "get-vanilla-empty-query-key",
      { query: "Param1=value1" },
      "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
    ],
    [
      "get-vanilla-query-order-key-case",
      { query: "Param1=value1&Param2=value2" },
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
    [
      "get-vanilla-query-unreserved",
      { query: `${encodeComponent(unreserved)}=${encodeComponent(unreserved)}` },
      "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
    ],
    [
      "get-vanilla-query-order-encoded",
      { query: `${utf8}=Value1&Param=Value2&Param-3=Value3` },
      "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
    ],
    [
      "get-vanilla-utf8-query",
      { query: `${utf8}=bar` },
      "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
    ],
    [
      "get-vanilla-with-session-token",
      { headers: [host, date, ["x-amz-security-token", token]] },
      "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
    ],
  ])("%s", (_name, more, signature) => {
    const request = { ...get, headers: [host, date], ...more };
    expect(signatureIn(authorizationOf(request, scope, "20150830T123600Z"))).toBe(signature);
  });
});

describe("examples of the S3 API reference, Signature calculations for the Authorization header", () => {
  const scope = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    region: "us-east-1",
    service: "s3",
  };
  const amzDate = "20130524T000000Z";
  const host = ["host", "examplebucket.s3.amazonaws.com"] as const;
  const hashed = [
    ["x-amz-content-sha256", emptyPayloadHash],
    ["x-amz-date", amzDate],
  ] as const;

  test("GET Object, with a range", () => {
    const headers = [host, ["range", "bytes=0-9"] as const, ...hashed];
    expect(authorizationOf({ ...get, path: "/test.txt", headers }, scope, amzDate)).toBe(
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, " +
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
  });

  test("PUT Object, with a body and a path that is encoded", () => {
    const payloadHash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    const headers = [
      ["date", "Fri, 24 May 2013 00:00:00 GMT"] as const,
      host,
      ["x-amz-content-sha256", payloadHash] as const,
      ["x-amz-date", amzDate] as const,
      ["x-amz-storage-class", "REDUCED_REDUNDANCY"] as const,
    ];
    const request = { method: "PUT", path: encodePath("/test$file.text"), query: "", headers, payloadHash };
    const signature = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd";
    expect(signatureIn(authorizationOf(request, scope, amzDate))).toBe(signature);
  });

  test.each([
    [
      "GET Bucket Lifecycle",
      "lifecycle=",
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ],
    [
      "GET Bucket (List Objects)",
      "max-keys=2&prefix=J",
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
  ])("%s", (_name, query, signature) => {
    const request = { ...get, query, headers: [host, ...hashed] };
    expect(signatureIn(authorizationOf(request, scope, amzDate))).toBe(signature);
  });
});

describe("a signing key", () => {
  const scope = { accessKeyId: "id", secretAccessKey: "a", region: "eu-west-1", service: "s3" };
  const sign = (change: Partial<typeof scope>, amzDate = "20260131T235959Z") =>
    signatureIn(authorizationOf({ ...get, headers: [] }, { ...scope, ...change }, amzDate));

  test.each([
    ["secret", () => sign({ secretAccessKey: "b" })],
    ["region", () => sign({ region: "eu-west-2" })],
    ["service", () => sign({ service: "s3-object-lambda" })],
    ["day", () => sign({}, "20260201T000000Z")],
  ])("that is kept is not taken for another %s", (_what, other) => {
    const first = sign({});
    const changed = other();
    expect(changed).not.toBe(first);
    expect([other(), sign({}), other()]).toEqual([changed, first, changed]);
  });
});

test.each([
  ["", ""],
  ["a/b", "a/b"],
  ["/a//b/../c/.", "/a//b/../c/."],
  ["a b+c", "a%20b%2Bc"],
  ["%2F", "%252F"],
  ["!'()*", "%21%27%28%29%2A"],
  ["ü/日本/😀", "%C3%BC/%E6%97%A5%E6%9C%AC/%F0%9F%98%80"],
  ['"?#&=\\', "%22%3F%23%26%3D%5C"],
  ["\u0000\t\u007f", "%00%09%7F"],
])("the key %j is the path %j", (key, path) => {
  expect(encodePath(key)).toBe(path);
});

test("a query's value has its slashes encoded, too", () => {
  expect(encodeComponent("a/b+c=")).toBe("a%2Fb%2Bc%3D");
});

test("a time is written to the second, in UTC", () => {
  expect(amzDateOf(new Date("2026-01-31T23:59:59.999Z"))).toBe("20260131T235959Z");
});

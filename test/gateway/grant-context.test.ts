import { expect, test } from "vitest";
import { z } from "zod";
import type { Grant } from "../../lambdas/ball/grant.ts";
import { allowAll, grantOf } from "../../lambdas/gateway/grant-context.ts";

const arn = "arn:aws:execute-api:eu-central-1:123456789012:abcdef/prod/POST/v2/zipball";
const grant: Grant = {
  tokenId: "0f343b0931126a20",
  bucket: "photos",
  prefixes: ["2026/", 'größe "x"/\\'],
  requestsPerMinute: 600,
};

test("a caller may use every method of his stage, and no other stage", () => {
  expect(allowAll(arn, grant).policyDocument.Statement).toEqual([
    {
      Action: "execute-api:Invoke",
      Effect: "Allow",
      Resource: "arn:aws:execute-api:eu-central-1:123456789012:abcdef/prod/*",
    },
  ]);
});

test.each([{ ...grant }, { ...grant, prefixes: [] }, { ...grant, prefixes: [""] }])(
  "a function gets the grant that the authorizer found: %o",
  (found) => {
    const { context, principalId } = allowAll(arn, found);
    // API Gateway takes texts, numbers and booleans, and hands all of them on as text.
    const values = z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).parse(context);
    expect(grantOf({ ...values, principalId, integrationLatency: 3 })).toEqual(found);
  },
);

test("a request that no authorizer saw has no grant", () => {
  expect(() => grantOf(undefined)).toThrow(expect.objectContaining({ code: "unauthorized" }));
});

test.each([
  {},
  { tokenId: "a", bucket: "photos", requestsPerMinute: "600" },
  { tokenId: "a", bucket: "photos", requestsPerMinute: "600", prefixes: "photos/" },
  { tokenId: "a", bucket: "photos", requestsPerMinute: "600", prefixes: '"photos/"' },
  { tokenId: "", bucket: "photos", requestsPerMinute: "600", prefixes: '[""]' },
  { tokenId: "a", bucket: "photos", requestsPerMinute: "many", prefixes: '[""]' },
])("a context that is not the authorizer's grants nothing: %o", (context) => {
  expect(() => grantOf(context)).toThrow();
});

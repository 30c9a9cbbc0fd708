import { describe, expect, test } from "vitest";
import { allowsInvoke, policySchema } from "../../../local/api-gateway/policy.ts";

const method = "arn:aws:execute-api:eu-west-1:123456789012:abc/prod/POST/v2/zipball";

describe("a policy lets its caller invoke a method", () => {
  test.each([
    [method, true],
    ["*", true],
    ["arn:aws:execute-api:eu-west-1:123456789012:abc/prod/*/*", true],
    ["arn:aws:execute-api:eu-west-1:123456789012:abc/prod/POST/*", true],
    ["arn:aws:execute-api:*:abc/prod/POST/v2/zipbal?", true],
    ["arn:aws:execute-api:eu-west-1:123456789012:abc/prod/GET/*", false],
    ["arn:aws:execute-api:eu-west-1:123456789012:abc/prod/POST/v2", false],
    ["arn.aws.execute-api*", false],
    ["", false],
  ])("whose resource is %s: %s", (Resource, isAllowed) => {
    expect(allows([{ Effect: "Allow", Action: "execute-api:Invoke", Resource }])).toBe(isAllowed);
  });

  test.each([
    ["execute-api:Invoke", true],
    ["execute-api:*", true],
    ["Execute-API:invoke", true],
    ["*", true],
    ["s3:GetObject", false],
    [["s3:GetObject", "execute-api:Invoke"], true],
  ])("whose action is %s: %s", (Action, isAllowed) => {
    expect(allows([{ Effect: "Allow", Action, Resource: "*" }])).toBe(isAllowed);
  });
});

test("a Deny beats every Allow, wherever it stands", () => {
  const allow = { Effect: "Allow", Action: "*", Resource: "*" };
  const deny = { Effect: "Deny", Action: "*", Resource: method };
  expect(allows([allow, deny])).toBe(false);
  expect(allows([deny, allow])).toBe(false);
  expect(allows([allow, { ...deny, Resource: "arn:aws:other" }])).toBe(true);
});

test("a policy without statements lets nobody in", () => {
  expect(allows([])).toBe(false);
});

test.each([{ Condition: { IpAddress: { "aws:SourceIp": "10.0.0.1" } } }, { NotResource: "*" }])(
  "what is not evaluated is refused, not ignored: %j",
  (more) => {
    const Statement = { Effect: "Allow", Action: "*", Resource: "*", ...more };
    expect(policySchema.safeParse({ Version: "2012-10-17", Statement }).success).toBe(false);
  },
);

function allows(Statement: readonly object[]): boolean {
  return allowsInvoke(policySchema.parse({ Version: "2012-10-17", Statement }), method);
}

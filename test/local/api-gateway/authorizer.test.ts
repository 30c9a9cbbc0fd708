import type { APIGatewayProxyEvent, APIGatewayTokenAuthorizerEvent } from "aws-lambda";
import { expect, test } from "vitest";
import type { ApiDefinition } from "../../../local/api-gateway/request-pipeline.ts";
import { startHost, type TestHost } from "./test-host.ts";

test("what an authorizer grants stands in the event, every value as text", async () => {
  const { host, events } = await startGuarded(async ({ methodArn }) => ({
    principalId: "somebody",
    policyDocument: policy("Allow", methodArn),
    context: { bucket: "demo", limit: 12, admin: false },
  }));
  expect((await ask(host)).status).toBe(200);
  expect(events[0]?.requestContext.authorizer).toEqual({
    principalId: "somebody",
    bucket: "demo",
    limit: "12",
    admin: "false",
  });
});

test("an authorizer gets the token as it came, and the ARN of the method", async () => {
  const asked: APIGatewayTokenAuthorizerEvent[] = [];
  const { host } = await startGuarded(
    async (event) => {
      asked.push(event);
      return { principalId: "a", policyDocument: policy("Allow", "*") };
    },
    { stage: "prod" },
  );
  await ask(host, "Bearer  a b");
  expect(asked).toEqual([
    {
      type: "TOKEN",
      authorizationToken: "Bearer  a b",
      methodArn: "arn:aws:execute-api:us-east-1:000000000000:local/prod/POST/v2/zipball",
    },
  ]);
});

test.each([
  ["there is no token", null, async () => ({})],
  ["the token is empty", "", async () => ({})],
  ["the authorizer says Unauthorized", "x", async () => Promise.reject(new Error("Unauthorized"))],
  ["the policy denies", "x", async () => ({ principalId: "a", policyDocument: policy("Deny", "*") })],
  [
    "the policy is about something else",
    "x",
    async () => ({ principalId: "a", policyDocument: policy("Allow", "arn:aws:execute-api:*/other") }),
  ],
])("when %s, the caller is told 401 and the function is not run", async (_name, token, authorizer) => {
  const { host, events } = await startGuarded(authorizer);
  const answer = await ask(host, token);
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ success: false, error: { code: 10401 }, code: "unauthorized" });
  expect(events).toEqual([]);
  expect(host.failures).toEqual([]);
});

test.each([
  ["fails", async () => Promise.reject(new Error("no database"))],
  ["answers no policy", async () => ({ principalId: "a" })],
  [
    "answers a context with a list in it",
    async () => ({ principalId: "a", policyDocument: policy("Allow", "*"), context: { prefixes: ["a"] } }),
  ],
])("an authorizer that %s is a 500, and nobody learns why", async (_name, authorizer) => {
  const { host, events } = await startGuarded(authorizer);
  const answer = await ask(host);
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("database");
  expect(events).toEqual([]);
  expect(host.failures).toHaveLength(1);
});

test("by default a token is asked about every time, so that taking it back works at once", async () => {
  expect(await countOfAuthorizations({})).toBe(2);
});

test("with a time to live the policy is kept, as API Gateway does", async () => {
  expect(await countOfAuthorizations({ authorizerTtlSeconds: 60 })).toBe(1);
});

async function countOfAuthorizations(options: Partial<ApiDefinition>): Promise<number> {
  let count = 0;
  const { host } = await startGuarded(async () => {
    count += 1;
    return { principalId: "a", policyDocument: policy("Allow", "*") };
  }, options);
  expect((await ask(host)).status).toBe(200);
  expect((await ask(host)).status).toBe(200);
  return count;
}

async function startGuarded(
  authorizer: (event: APIGatewayTokenAuthorizerEvent) => Promise<unknown>,
  options: Partial<ApiDefinition> = {},
): Promise<{ host: TestHost; events: APIGatewayProxyEvent[] }> {
  const events: APIGatewayProxyEvent[] = [];
  const guarded = async (event: APIGatewayProxyEvent) => {
    events.push(event);
    return { statusCode: 200, body: "{}" };
  };
  const host = await startHost({
    routes: [
      {
        method: "POST",
        resource: "/v2/zipball",
        functionName: "guarded",
        response: "buffered",
        authorized: true,
      },
    ],
    functions: { guarded, authorizer },
    ...options,
  });
  return { host, events };
}

function ask(host: TestHost, token: string | null = "Bearer t"): Promise<Response> {
  const headers = token === null ? {} : { Authorization: token };
  return fetch(`${host.url}/v2/zipball`, { method: "POST", headers });
}

function policy(Effect: "Allow" | "Deny", Resource: string) {
  return { Version: "2012-10-17", Statement: [{ Effect, Action: "execute-api:Invoke", Resource }] };
}

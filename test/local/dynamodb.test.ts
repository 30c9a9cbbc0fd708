import { request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { startLocalDynamodb } from "../../local/dynamodb.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const listTables = {
  "Content-Type": "application/x-amz-json-1.0",
  "X-Amz-Target": "DynamoDB_20120810.ListTables",
  "X-Amz-Date": "20261122T120000Z",
  Authorization:
    "AWS4-HMAC-SHA256 Credential=a/20261122/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
};

test.each([
  ["a program", "POST", {}, 200],
  ["a page of another origin", "POST", { Origin: "https://example.com" }, 403],
  ["the question a browser asks before a page's request", "OPTIONS", { Origin: "https://example.com" }, 403],
  ["a page whose name leads here", "POST", { Host: "example.com" }, 403],
])("the local DynamoDB answers %s as it should", async (_who, method, headers, status) => {
  const server = await startLocalDynamodb({ folder: temporaryFolder(), port: 0 });
  onTestFinished(() => server.close());
  expect(await statusOf(server.endpoint, method, { ...listTables, ...headers })).toBe(status);
});

/** Of a request whose Host may be another's, which fetch does not allow. */
function statusOf(url: string, method: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on("error", reject);
    asked.end("{}");
  });
}

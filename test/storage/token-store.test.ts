import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { createTokenStore, hashToken } from "../../lambdas/storage/dynamodb/token-store.ts";
import { tokensTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";

const dynamodb = testDynamodb();
const tokens = () => createTokenStore(dynamodb().newClient(), tokensTable);
const expiresAtEpochSeconds = 1_750_000_000;

async function keep(token: string, attributes: Record<string, unknown>): Promise<void> {
  const Item = { tokenHash: hashToken(token), ...attributes };
  await dynamodb()
    .newClient()
    .send(new PutCommand({ TableName: tokensTable, Item }));
}

test.each([
  [-1, true],
  [0, false],
  [1, false],
])("a token %i ms after its expiry grants access: %s", async (ms, isValid) => {
  await keep("brief", { bucket: "photos", expiresAtEpochSeconds });
  const grant = await tokens().findGrant("brief", new Date(expiresAtEpochSeconds * 1000 + ms));
  expect(grant).toEqual(isValid ? { bucket: "photos" } : undefined);
});

test("a token without an expiry does not expire", async () => {
  await keep("lasting", { bucket: "photos" });
  expect(await tokens().findGrant("lasting", new Date("9999-01-01"))).toEqual({ bucket: "photos" });
});

test.each(["unknown", "", "brief ", "BRIEF", hashToken("brief")])("%j is no token", async (token) => {
  await keep("brief", { bucket: "photos" });
  expect(await tokens().findGrant(token, new Date())).toBeUndefined();
});

test("a token is stored as its SHA-256 and nowhere as itself", async () => {
  await keep("a token to hide", { bucket: "photos" });
  expect(JSON.stringify(await dynamodb().scan(tokensTable))).not.toContain("a token to hide");
});

test("an item without a bucket grants nothing", async () => {
  await keep("bucketless", { bucket: "" });
  await expect(tokens().findGrant("bucketless", new Date())).rejects.toThrow();
});

import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { createTokenStore, hashToken } from "../../lambdas/storage/dynamodb/token-store.ts";
import { tokensTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";

const dynamodb = testDynamodb();
const tokens = () =>
  createTokenStore(dynamodb().newClient(), { tableName: tokensTable, requestsPerMinute: 600 });
/** What a token may do whose item names a bucket and no more. */
const plainGrant = (token: string) => ({
  tokenId: hashToken(token),
  bucket: "photos",
  prefixes: [""],
  requestsPerMinute: 600,
});
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
  expect(grant).toEqual(isValid ? plainGrant("brief") : undefined);
});

test("a token without an expiry does not expire", async () => {
  await keep("lasting", { bucket: "photos" });
  expect(await tokens().findGrant("lasting", new Date("9999-01-01"))).toEqual(plainGrant("lasting"));
});

test.each([[["photos/2026/", "größe/"]], [[""]], [[]]])(
  "a token has the prefixes of its item: %j",
  async (prefixes) => {
    await keep("narrow", { bucket: "photos", prefixes });
    expect(await tokens().findGrant("narrow", new Date())).toEqual({ ...plainGrant("narrow"), prefixes });
  },
);

test("a token has the limit of its item", async () => {
  await keep("busy", { bucket: "photos", requestsPerMinute: 6_000 });
  expect(await tokens().findGrant("busy", new Date())).toMatchObject({ requestsPerMinute: 6_000 });
});

test.each(["unknown", "", "brief ", "BRIEF", hashToken("brief")])("%j is no token", async (token) => {
  await keep("brief", { bucket: "photos" });
  expect(await tokens().findGrant(token, new Date())).toBeUndefined();
});

test("a token is stored as its SHA-256 and nowhere as itself", async () => {
  await keep("a token to hide", { bucket: "photos" });
  expect(JSON.stringify(await dynamodb().scan(tokensTable))).not.toContain("a token to hide");
});

test.each([
  ["no bucket", { bucket: "" }],
  ["prefixes that are no list", { bucket: "photos", prefixes: "photos/" }],
  ["a limit that is none", { bucket: "photos", requestsPerMinute: 0 }],
  ["an expiry that is no number", { bucket: "photos", expiresAtEpochSeconds: "2030-01-01" }],
])("an item with %s grants nothing", async (_what, attributes) => {
  await keep("broken", attributes);
  await expect(tokens().findGrant("broken", new Date())).rejects.toThrow();
});

import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { hashToken } from "../../lambdas/storage/dynamodb/token-store.ts";
import { tokensTable } from "../../local/tables.ts";
import { startQuietStack } from "./quiet-stack.ts";
import { watchS3 } from "./s3-requests.ts";
import { bytesOf, type TestStack } from "./test-stack.ts";

const composed = "caf\u00e9";
const decomposed = "cafe\u0301";
/** What the token `narrow` may read, and what it may not. */
const granted = ["photos/2026/a.jpg", "photos/2026/../odd.jpg", `${composed}/menu.txt`];
const refused = [
  "photos/2025/a.jpg",
  "photos/2026",
  "Photos/2026/a.jpg",
  "photos//2026/a.jpg",
  "/photos/2026/a.jpg",
  `${decomposed}/menu.txt`,
];

let stack: TestStack;
beforeAll(async () => {
  stack = await startQuietStack();
  await stack.put(Object.fromEntries([...granted, ...refused].map((key) => [key, `content of ${key}`])));
  const keep = (token: string, attributes: object) =>
    stack.dynamoDb.send(
      new PutCommand({
        TableName: tokensTable,
        Item: { tokenHash: hashToken(token), bucket: stack.bucket, ...attributes },
      }),
    );
  await keep("narrow", { prefixes: ["photos/2026/", `${composed}/`] });
  await keep("nothing", { prefixes: [] });
  await keep("elsewhere", { bucket: "another-bucket" });
  return () => stack.close();
});

function post(path: string, body: unknown, token: string): Promise<Response> {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  return fetch(`${stack.api}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

const zipball = (item: unknown, token = "narrow") => post("/v2/zipball", { objects: [item] }, token);
const zipDownload = (type: string, id: string, token = "narrow") =>
  post("/2.0/zip_downloads", { items: [{ type, id }] }, token);

async function idOf(key: string): Promise<string> {
  const answer = await post("/v2/metadata", { path: `/${key}` }, stack.token);
  const schema = z.object({ data: z.object({ objects: z.array(z.object({ object_id: z.string() })) }) });
  return schema.parse(await answer.json()).data.objects[0]?.object_id ?? "";
}

describe("a token reads what its prefixes cover, byte by byte", () => {
  test.each(granted)("%j, in each way to name it", async (key) => {
    const id = await idOf(key);
    const answers = await Promise.all([
      zipball({ path: `/${key}` }),
      zipball({ id }),
      zipDownload("file", `/${key}`),
      zipDownload("file", id),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 202, 202]);
    const schema = z.object({ data: z.object({ urls: z.object({ url: z.string() }) }) });
    const { url } = schema.parse(await answers[0].json()).data.urls;
    expect((await bytesOf(url)).includes(`content of ${key}`)).toBe(true);
  });

  test.each(refused)("not %j, which is not even looked at; its id is unknown", async (key) => {
    const id = await idOf(key);
    const { lines } = watchS3(stack.s3Endpoint);
    const byPath = await Promise.all([zipball({ path: `/${key}` }), zipDownload("file", `/${key}`)]);
    expect(byPath.map(({ status }) => status)).toEqual([403, 403]);
    expect(lines).toEqual([]);
    const byId = await Promise.all([zipball({ id }), zipDownload("file", id)]);
    expect(byId.map(({ status }) => status)).toEqual([404, 404]);
  });

  test.each([
    ["/photos/2026", 201],
    ["/photos/2026/", 201],
    [`/${composed}`, 201],
    ["/photos", 403],
    ["/photos/2025", 403],
    // A folder of that name, and no way up.
    ["/photos/2026/..", 201],
    [`/${decomposed}`, 403],
    ["/Photos/2026", 403],
    ["//photos/2026", 403],
  ])("the folder %j: %i", async (folder, status) => {
    expect((await zipball({ folder })).status).toBe(status);
    expect((await zipDownload("folder", folder)).status).toBe(status === 201 ? 202 : status);
  });
});

test.each([
  ["nothing", 403],
  ["unknown", 401],
])("the token %j reads nothing: %i", async (token, status) => {
  expect((await zipball({ path: "/photos/2026/a.jpg" }, token)).status).toBe(status);
  expect((await zipDownload("folder", "/photos/2026", token)).status).toBe(status);
});

test("a token of another bucket knows no status of a download from this one", async () => {
  const schema = z.object({ download_url: z.string(), status_url: z.string() });
  const urls = schema.parse(await (await zipDownload("folder", "/photos/2026")).json());
  await bytesOf(urls.download_url);
  const statusFor = async (token: string) =>
    (await fetch(urls.status_url, { headers: { Authorization: `Bearer ${token}` } })).status;
  expect([await statusFor("narrow"), await statusFor("elsewhere")]).toEqual([200, 404]);
});

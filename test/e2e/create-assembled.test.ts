import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { zipDownload } from "../../lambdas/api/box/schemas.ts";
import { entriesOf } from "./read-zip.ts";
import { bytesOf, patternBytes, startTestStack, type TestStack } from "./test-stack.ts";

const KiB = 1024;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({
    variables: { STREAM_LIMIT_BYTES: `${64 * KiB}`, COMPRESSED_LIMIT_BYTES: `${100 * KiB}` },
  });
  await stack.put({
    "short/a.bin": patternBytes(50 * KiB, 1),
    "long/a.bin": patternBytes(40 * KiB, 1),
    "long/b.bin": patternBytes(40 * KiB, 2),
    "huge/a.bin": patternBytes(101 * KiB, 3),
  });
  return () => stack.close();
});

const created = z.object({ data: z.object({ urls: z.object({ url: z.url() }) }) });
const problem = z.object({
  error: z.object({ message: z.string(), data: z.object({ reason: z.string() }) }),
});

/** Asks for a folder in either dialect. */
const dialects = {
  bitpaket: async (folder: string, wish: object) => {
    const body = JSON.stringify({ objects: [{ folder }], ...wish });
    const response = await ask("/v2/zipball", body);
    const link = () => response.json().then((answer) => created.parse(answer).data.urls.url);
    return { response, link };
  },
  box: async (folder: string, wish: object) => {
    const body = JSON.stringify({ items: [{ type: "folder", id: folder }], ...wish });
    const response = await ask("/2.0/zip_downloads", body);
    const link = () => response.json().then((answer) => zipDownload.parse(answer).download_url);
    return { response, link };
  },
};

function ask(path: string, body: string): Promise<Response> {
  const headers = { Authorization: `Bearer ${stack.token}`, "Content-Type": "application/json" };
  return fetch(`${stack.api}${path}`, { method: "POST", headers, body });
}

describe.each([
  ["bitpaket", 201],
  ["box", 202],
] as const)("in the dialect of %s", (name, status) => {
  const create = dialects[name];

  test.each([
    ["longer than can be streamed", "/long", {}],
    ["wanted assembled", "/short", { delivery: "assemble" }],
  ])("an archive that is %s is made, and fetched from where its link leads", async (_, folder, wish) => {
    const { response, link } = await create(folder, wish);
    expect(response.status).toBe(status);
    const bytes = await bytesOf(await link());
    const names = (await entriesOf(bytes)).map((entry) => entry.name.split("/").at(-1));
    expect(names.toSorted()).toEqual(folder === "/long" ? ["a.bin", "b.bin"] : ["a.bin"]);
  });

  test("one that is wanted compressed is made, and known by its name", async () => {
    const { response, link } = await create("/long", { compression: "deflate" });
    expect(response.status).toBe(status);
    const { status: known, headers } = await fetch(await link(), { method: "HEAD" });
    expect([known, headers.get("content-disposition")]).toEqual([200, "attachment; filename=long.zip"]);
  });

  test("a short one is streamed, as ever", async () => {
    const { link } = await create("/short", { delivery: "auto", compression: "stored" });
    const answer = await fetch(await link(), { redirect: "manual" });
    expect(answer.status).toBe(200);
    await answer.body?.cancel();
  });
});

test.each([
  [{ delivery: "stream" }, "/long", 422, "archive-too-large", 'leave "delivery" out'],
  [{ compression: "deflate" }, "/huge", 422, "archive-too-large", 'leave "compression" out'],
  [
    { delivery: "stream", compression: "deflate" },
    "/short",
    400,
    "invalid-request",
    "delivery: a compressed",
  ],
  [{ delivery: "presigned" }, "/short", 400, "invalid-request", 'delivery: "auto" or "stream"'],
])("%j of %s is refused with %i and what to do", async (wish, folder, status, reason, words) => {
  const { response } = await dialects.bitpaket(folder, wish);
  expect(response.status).toBe(status);
  const { message, data } = problem.parse(await response.json()).error;
  expect(data.reason).toBe(reason);
  expect(message).toContain(words);
});

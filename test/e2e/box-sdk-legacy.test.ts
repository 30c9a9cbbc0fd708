import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { zipDownload, zipDownloadStatus } from "../../lambdas/api/box/schemas.ts";
import { addToken, legacyBoxClient } from "./box-clients.ts";
import { entriesOf } from "./read-zip.ts";
import { bytesOf, patternBytes, startTestStack, type TestStack } from "./test-stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({
    variables: { MAX_ENTRIES: "5", STREAM_LIMIT_BYTES: `${6 * 1024 * 1024}` },
  });
  await stack.put({
    "films/a.bin": patternBytes(5 * 1024 * 1024, 1),
    "films/b.txt": "short",
    "other/b.txt": "other",
    "long/a.bin": patternBytes(6 * 1024 * 1024, 2),
    ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((number) => [`many/${number}`, ""])),
  });
});
afterAll(() => stack.close());

const items = [
  { type: "folder", id: "/films" },
  { type: "file", id: "/other/b.txt" },
];

describe("Box's SDK before the present one", () => {
  test("creates a zip download", async () => {
    const created = zipDownload.parse(await legacyBoxClient(stack).files.createZip("evening", items));
    expect(created.name_conflicts).toEqual([]);
    const names = (await entriesOf(await bytesOf(created.download_url))).map(({ name }) => name);
    expect(names.toSorted()).toEqual(["b.txt", "films/a.bin", "films/b.txt"]);
  });

  // It reads the status once, right behind the last byte.
  test.each([1, 2, 3, 4, 5])("downloads, and finds at once that all was sent (%i)", async () => {
    const sink = new PassThrough();
    const received = buffer(sink);
    const status: unknown = await legacyBoxClient(stack).files.downloadZip("evening.zip", items, sink);
    expect(zipDownloadStatus.parse(status)).toEqual({
      ...{ total_file_count: 3, downloaded_file_count: 3, skipped_file_count: 0, skipped_folder_count: 0 },
      state: "succeeded",
    });
    expect(await entriesOf(await received)).toHaveLength(3);
  });

  test.each([
    [[], 400, "bad_request"],
    [[{ type: "folder", id: "0" }], 400, "bad_request"],
    [[{ type: "file", id: "/nothing" }], 404, "not_found"],
    [[{ type: "folder", id: "/many" }], 400, "zip_download_file_count_exceeded_limit"],
  ])("throws its own error for %j: %i %s", async (refused, statusCode, code) => {
    const error = await errorOf(legacyBoxClient(stack).files.createZip("none", refused));
    expect(error).toMatchObject({ statusCode, response: { body: { type: "error", code } } });
    expect(error.message).toContain(code);
  });

  test("throws its own error for more bytes than one streamed archive may have", async () => {
    const client = legacyBoxClient(stack);
    const body = { items: [{ type: "folder", id: "/long" }], delivery: "stream" };
    const error = await errorOf(client.wrapWithDefaultHandler(client.post)("/zip_downloads", { body }));
    const code = "zip_download_pre_compressed_bytes_exceeded_limit";
    expect(error).toMatchObject({ statusCode: 400, response: { body: { type: "error", code } } });
    expect(error.message).toContain(code);
  });

  test("throws its own error for what is outside a token's prefixes", async () => {
    await addToken(stack, "films-only", { prefixes: ["films/"] });
    const error = await errorOf(legacyBoxClient(stack, "films-only").files.createZip("none", items));
    const code = "access_denied_insufficient_permissions";
    expect(error).toMatchObject({ statusCode: 403, response: { body: { type: "error", code } } });
  });

  test("throws its own error for more requests than a token may make in a minute", async () => {
    await addToken(stack, "hasty", { requestsPerMinute: 1 });
    const asked = () => legacyBoxClient(stack, "hasty").files.createZip("evening", items);
    // One minute may end between any two of them, but not twice.
    const outcomes = await Promise.allSettled([asked(), asked(), asked()]);
    const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(errors.length).toBeGreaterThanOrEqual(1);
    const body = { type: "error", code: "rate_limit_exceeded" };
    for (const error of errors) expect(error).toMatchObject({ statusCode: 429, response: { body } });
  });

  test("throws its own error for a token that is not known", async () => {
    const error = await errorOf(legacyBoxClient(stack, "unknown").files.createZip("none", items));
    expect(error).toMatchObject({ statusCode: 401, response: { body: { code: "unauthorized" } } });
  });
});

async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const thrown: unknown = await promise.then(
    () => "nothing",
    (error: unknown) => error,
  );
  return z.instanceof(Error).parse(thrown);
}

import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boxClient, boxErrorOf } from "./box-clients.ts";
import { entriesOf } from "./read-zip.ts";
import { startTestStack, type TestStack } from "./test-stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ stage: "prod" });
  await stack.put({ "a/b.txt": "b" });
});
afterAll(() => stack.close());

test("under a stage, Box's SDK finds its way by the addresses it is given", async () => {
  const { zipDownloads } = boxClient(stack);
  expect(stack.api).toMatch(/\/prod$/);
  const created = await zipDownloads.createZipDownload({ items: [{ type: "folder", id: "/a" }] });
  const { downloadUrl = "", statusUrl = "" } = created;
  expect(downloadUrl.startsWith(`${stack.api}/2.0/zip_downloads/`)).toBe(true);
  const before = await boxErrorOf(zipDownloads.getZipDownloadStatus(statusUrl));
  expect(before.responseInfo.statusCode).toBe(404);
  const content = await zipDownloads.getZipDownloadContent(downloadUrl);
  if (content === undefined) throw new Error("There is no content");
  expect((await entriesOf(await buffer(content))).map(({ name }) => name)).toEqual(["a/b.txt"]);
  expect(await zipDownloads.getZipDownloadStatus(statusUrl)).toMatchObject({ state: "succeeded" });
});

import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { zipDownload, zipDownloadStatus } from "../../lambdas/api/box/schemas.ts";
import { boxClient, legacyBoxClient } from "./box-clients.ts";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";
import { entriesOf } from "./read-zip.ts";
import { bytesOf, patternBytes, startTestStack, type TestStack } from "./test-stack.ts";
import { unmadeBall } from "./unmade-balls.ts";

const MiB = 1024 * 1024;
const items = [{ type: "folder", id: "/films" } as const];
const names = ["films/a.bin", "films/b.bin", "films/c.txt"];

let stack: TestStack;
let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor(() => stack.api);
  const own = { PUBLIC_URL: door.url, HOLD_SECONDS: "1", STREAM_LIMIT_BYTES: `${4 * MiB}` };
  stack = await startTestStack({ variables: own });
  await stack.put({
    "films/a.bin": patternBytes(6 * MiB, 1),
    "films/b.bin": patternBytes(MiB, 2),
    "films/c.txt": "short",
  });
  return async () => {
    await door.close();
    await stack.close();
  };
});

const namesIn = async (bytes: Buffer) => (await entriesOf(bytes)).map(({ name }) => name).toSorted();

describe("Box's SDK", () => {
  test("downloads what is assembled, and is told how far it has come from the beginning", async () => {
    const { zipDownloads } = boxClient(stack);
    const { downloadUrl = "", statusUrl = "" } = await zipDownloads.createZipDownload({ items });
    const status = async () =>
      zipDownloadStatus.parse((await zipDownloads.getZipDownloadStatus(statusUrl)).rawData);
    const { total_byte_count: total } = await status();
    expect(await status()).toMatchObject({
      total_file_count: 3,
      skipped_file_count: 0,
      state: "in_progress",
    });
    const content = await zipDownloads.getZipDownloadContent(downloadUrl);
    const bytes = content === undefined ? Buffer.of() : await buffer(content);
    expect(await namesIn(bytes)).toEqual(names);
    expect(await status()).toMatchObject({
      ...{ total_file_count: 3, downloaded_file_count: 3, state: "succeeded" },
      ...{ total_byte_count: bytes.length, assembled_byte_count: bytes.length },
    });
    expect(total).toBe(bytes.length);
  });

  test("follows the turns of what is being made, and asks again when it is told to", async () => {
    const bytes = patternBytes(MiB, 3);
    const unmade = await unmadeBall(stack, door.url, bytes);
    const { zipDownloads } = boxClient(stack, { maxAttempts: 10 });
    const asking = zipDownloads.getZipDownloadContent(`${unmade.box}?wait=7`);
    const answers = () => door.answers.filter((answer) => answer.includes(unmade.ball.ballId));
    const isToldToWait = () => expect(answers().join()).toContain("GET 503");
    await Promise.race([asking, vi.waitFor(isToldToWait, { timeout: 30_000 })]);
    await unmade.make();
    const content = await asking;
    expect(content === undefined ? 0 : (await buffer(content)).equals(bytes)).toBe(true);
    const path = `/2.0/zip_downloads/${unmade.ball.ballId}/content`;
    expect(answers().slice(0, 2)).toEqual([`GET 302 ${path}?wait=7`, `GET 503 ${path}?wait=8`]);
  });
});

test("a compressed archive has no length before it is there, and then its own", async () => {
  const created = await fetch(`${stack.api}/2.0/zip_downloads`, {
    method: "POST",
    headers: { Authorization: `Bearer ${stack.token}` },
    body: JSON.stringify({ items, compression: "deflate" }),
  });
  const { download_url: link, status_url: statusUrl } = zipDownload.parse(await created.json());
  const bytes = await bytesOf(link);
  expect(await namesIn(bytes)).toEqual(names);
  const head = await fetch(link, { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe(`${bytes.length}`);
  const status = await fetch(statusUrl, { headers: { Authorization: `Bearer ${stack.token}` } });
  expect(zipDownloadStatus.parse(await status.json())).toMatchObject({
    ...{ state: "succeeded", downloaded_file_count: 3 },
    ...{ total_byte_count: bytes.length, assembled_byte_count: bytes.length },
  });
  const { box } = await unmadeBall(stack, door.url, bytes, { compression: "deflate" });
  const early = await fetch(box, { method: "HEAD" });
  expect([early.status, early.headers.get("content-length")]).toEqual([200, null]);
});

describe("Box's SDK before the present one", () => {
  test("creates a zip download that is assembled", async () => {
    const created = zipDownload.parse(await legacyBoxClient(stack).files.createZip("evening", items));
    expect(await namesIn(await bytesOf(created.download_url))).toEqual(names);
  });

  test("downloads it, and finds at once that all was sent", async () => {
    const sink = new PassThrough();
    const received = buffer(sink);
    // It follows no redirection unless it is told to.
    const { files } = legacyBoxClient(stack, stack.token, { followRedirect: true });
    const status: unknown = await files.downloadZip("evening.zip", items, sink);
    const bytes = await received;
    expect(zipDownloadStatus.parse(status)).toMatchObject({ downloaded_file_count: 3, state: "succeeded" });
    expect(await namesIn(bytes)).toEqual(names);
  });
});

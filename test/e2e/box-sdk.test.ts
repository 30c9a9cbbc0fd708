import { buffer } from "node:stream/consumers";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { BoxClient } from "box-node-sdk";
import type { ByteStream } from "box-node-sdk/lib/internal/utils";
import type { ZipDownload } from "box-node-sdk/lib/schemas/zipDownload";
import type { ZipDownloadRequestItemsField as Item } from "box-node-sdk/lib/schemas/zipDownloadRequest";
import type { ZipDownloadStatus } from "box-node-sdk/lib/schemas/zipDownloadStatus";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ballsTable } from "../../local/tables.ts";
import { addToken, boxClient, boxErrorOf, objectIdAt } from "./box-clients.ts";
import { entriesOf } from "./read-zip.ts";
import { patternBytes, startTestStack, type TestStack } from "./test-stack.ts";

const MiB = 1024 * 1024;
const maxEntries = 60;

let stack: TestStack;
let box: BoxClient;

beforeAll(async () => {
  stack = await startTestStack({
    variables: {
      MAX_ENTRIES: `${maxEntries}`,
      STREAM_LIMIT_BYTES: `${50 * MiB}`,
      REQUESTS_PER_MINUTE: "100000",
    },
  });
  box = boxClient(stack);
  await stack.put({
    "reports/2026/January.txt": "cold",
    "reports/2026/July.txt": "warm",
    "reports/Summary.pdf": "all of it",
    "photos/Summary.pdf": "in pictures",
    "photos/raw/1.bin": patternBytes(3 * MiB, 1),
    "top.txt": "at the top",
  });
});
afterAll(() => stack.close());

const file = (id: string): Item => ({ type: "file", id });
const folder = (id: string): Item => ({ type: "folder", id });

/** Creates a zip download; its addresses are there, as the SDK's types leave open. */
async function create(...items: readonly Item[]) {
  return addressesOf(await box.zipDownloads.createZipDownload({ items }));
}

function addressesOf({ downloadUrl, statusUrl, nameConflicts, expiresAt }: ZipDownload) {
  if (downloadUrl === undefined || statusUrl === undefined) throw new Error("Addresses are missing");
  return { downloadUrl, statusUrl, nameConflicts, expiresAt };
}

async function contentsOf(stream: ByteStream | undefined): Promise<Record<string, string>> {
  if (stream === undefined) throw new Error("There is no content");
  const entries = await entriesOf(await buffer(stream));
  return Object.fromEntries(entries.map(({ name, content }) => [name, content.toString("latin1")]));
}

describe("a zip download", () => {
  test("of files and folders, by id and by path, is made and fetched", async () => {
    const id = await objectIdAt(stack, "/reports/Summary.pdf");
    const before = Date.now();
    const created = await create(file("/top.txt"), folder("/reports/2026"), file(id));
    expect(created.nameConflicts).toEqual([]);
    const expiresAt = created.expiresAt?.value.getTime() ?? 0;
    expect(expiresAt).toBeGreaterThan(before + 55_000);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 60_000);
    const content = await box.zipDownloads.getZipDownloadContent(created.downloadUrl);
    expect(await contentsOf(content)).toEqual({
      "top.txt": "at the top",
      "2026/January.txt": "cold",
      "2026/July.txt": "warm",
      "Summary.pdf": "all of it",
    });
    expect(await box.zipDownloads.getZipDownloadStatus(created.statusUrl)).toMatchObject({
      ...{ totalFileCount: 4, downloadedFileCount: 4, skippedFileCount: 0, skippedFolderCount: 0 },
      state: "succeeded",
    });
  });

  test("is made and fetched in one call", async () => {
    const content = await box.zipDownloads.downloadZip({
      items: [folder("photos"), file("top.txt")],
      downloadFileName: "January Financials",
    });
    expect(Object.keys(await contentsOf(content)).toSorted()).toEqual([
      "photos/Summary.pdf",
      "photos/raw/1.bin",
      "top.txt",
    ]);
  });

  test("tells which two items were renamed, as they had one name", async () => {
    const asked = [file("/reports/Summary.pdf"), file("/photos/Summary.pdf")] as const;
    const { nameConflicts = [], downloadUrl } = await create(...asked);
    const renamed = nameConflicts[0] ?? [];
    expect(nameConflicts).toEqual([
      asked.map(({ id, type }) => ({
        ...{ id, type, originalName: "Summary.pdf" },
        downloadName: expect.stringMatching(/^[0-9a-f]{6}\.pdf$/),
      })),
    ]);
    const content = await contentsOf(await box.zipDownloads.getZipDownloadContent(downloadUrl));
    expect(content).toEqual({
      [renamed[0]?.downloadName ?? ""]: "all of it",
      [renamed[1]?.downloadName ?? ""]: "in pictures",
    });
  });
});

describe("the status of a slow download", () => {
  const fileBytes = MiB;
  const fileCount = 40;
  const stepBytes = 8 * MiB;
  /** A count is two seconds old at most; one more is for a machine that has much to do. */
  const timeout = 3000;
  /** Headers are less than 200 bytes for each file. */
  const filesWithin = (bytes: number) => Math.floor(bytes / (fileBytes + 200));

  test("follows what is read, and says that all was sent as soon as all was read", async () => {
    const names = Array.from({ length: fileCount }, (_, index) => `slow/${index}.bin`);
    await stack.put(Object.fromEntries(names.map((name, seed) => [name, patternBytes(fileBytes, seed)])));
    const { downloadUrl, statusUrl } = await create(folder("/slow"));
    const statuses: ZipDownloadStatus[] = [];
    const countFiles = async () => {
      const status = await box.zipDownloads.getZipDownloadStatus(statusUrl);
      statuses.push(status);
      return status.downloadedFileCount ?? -1;
    };
    const content = await box.zipDownloads.getZipDownloadContent(downloadUrl);
    let bytes = 0;
    for await (const chunk of content ?? []) {
      const step = Math.floor(bytes / stepBytes);
      bytes += chunk.length;
      if (Math.floor(bytes / stepBytes) === step) continue;
      await expect.poll(countFiles, { timeout, interval: 20 }).toBeGreaterThanOrEqual(filesWithin(bytes));
      // What was sent and not read is in the buffers between: some megabytes.
      if (step < 2) expect(statuses.at(-1)).toMatchObject({ state: "in_progress" });
    }
    expect(await countFiles()).toBe(fileCount);
    const counts = statuses.map(({ downloadedFileCount = -1 }) => downloadedFileCount);
    expect(counts).toEqual(counts.toSorted((one, other) => one - other));
    const common = { totalFileCount: fileCount, skippedFileCount: 0, skippedFolderCount: 0 };
    expect(statuses).toMatchObject(
      counts.map((count) => ({ ...common, state: count === fileCount ? "succeeded" : "in_progress" })),
    );
  }, 60_000);
});

describe("an error is the SDK's own exception", () => {
  const zipOf = (...items: readonly Item[]) => boxErrorOf(box.zipDownloads.createZipDownload({ items }));
  const told = (statusCode: number, code: string, reason?: string) => ({
    name: "BoxApiError",
    responseInfo: {
      statusCode,
      // The SDK gives texts of an error as JSON, with their quotation marks.
      code: JSON.stringify(code),
      helpUrl: expect.stringMatching(/^"https:/),
      requestId: expect.stringMatching(/^"[^"]/),
      contextInfo: reason === undefined ? {} : expect.objectContaining({ reason }),
    },
  });

  test("no items", async () => {
    expect(await zipOf()).toMatchObject(told(400, "bad_request", "invalid-request"));
  });

  test.each(["0", "/", ""])("the root folder, %j", async (id) => {
    const error = await zipOf(file("/top.txt"), folder(id));
    expect(error).toMatchObject(told(400, "bad_request", "invalid-request"));
    expect(error.responseInfo.contextInfo?.errors).toEqual([
      { reason: "invalid_parameter", name: "items[1].id", message: expect.stringContaining("root folder") },
    ]);
    expect(error.message).toContain("items[1].id");
  });

  test.each([
    [file("/nothing.txt")],
    [folder("/nothing")],
    [file("b6233520-0ab2-465e-b698-c69c7ed53e2a")],
    [folder("/top.txt")],
    [file("/reports")],
  ])("an item that is not there: %j", async (item) => {
    expect(await zipOf(item)).toMatchObject(told(404, "not_found", "source-not-found"));
  });

  test("more files than one archive may have", async () => {
    const names = Array.from({ length: maxEntries + 1 }, (_, index) => `many/${index}`);
    await stack.put(Object.fromEntries(names.map((name) => [name, name])));
    expect(await zipOf(folder("/many"))).toMatchObject(
      told(400, "zip_download_file_count_exceeded_limit", "too-many-entries"),
    );
  });

  test("more bytes than one streamed archive may have", async () => {
    const half = patternBytes(26 * MiB, 9);
    await stack.put({ "huge/1": half, "huge/2": half });
    const data = { items: [{ type: "folder", id: "/huge" }], delivery: "stream" };
    const asked = box.makeRequest({ url: `${stack.api}/2.0/zip_downloads`, method: "POST", data });
    expect(await boxErrorOf(asked)).toMatchObject(
      told(400, "zip_download_pre_compressed_bytes_exceeded_limit", "archive-too-large"),
    );
  });

  test("a status before the download has begun", async () => {
    const { statusUrl } = await create(file("/top.txt"));
    const error = await boxErrorOf(box.zipDownloads.getZipDownloadStatus(statusUrl));
    expect(error).toMatchObject(told(404, "not_found", "ball-not-started"));
  });

  test("a zip download that there is not", async () => {
    const other = "b6233520-0ab2-465e-b698-c69c7ed53e2a";
    const base = `${stack.api}/2.0/zip_downloads/${other}`;
    const status = await boxErrorOf(box.zipDownloads.getZipDownloadStatus(`${base}/status`));
    expect(status).toMatchObject(told(404, "not_found", "ball-not-found"));
    // Of a binary answer the SDK reads the status alone.
    const content = await boxErrorOf(box.zipDownloads.getZipDownloadContent(`${base}/content`));
    expect(content.responseInfo.statusCode).toBe(404);
  });

  test("an address that there is not, answered by the gateway", async () => {
    const error = await boxErrorOf(box.zipDownloads.getZipDownloadStatus(`${stack.api}/2.0/files/1`));
    expect(error).toMatchObject(told(404, "not_found"));
  });

  test("a token that is not known, answered by the gateway", async () => {
    const stranger = boxClient(stack, { token: "unknown" });
    const asked = stranger.zipDownloads.createZipDownload({ items: [file("/top.txt")] });
    expect(await boxErrorOf(asked)).toMatchObject(told(401, "unauthorized"));
  });

  test("a token that is not known, where the SDK may ask for another, has expired to it", async () => {
    const stranger = boxClient(stack, { token: "unknown", maxAttempts: 2 });
    const asked = stranger.zipDownloads.createZipDownload({ items: [file("/top.txt")] });
    await expect(asked).rejects.toMatchObject({
      name: "BoxSdkError",
      message: expect.stringContaining("Developer token has expired"),
    });
  });

  test("an item outside what the token may read", async () => {
    await addToken(stack, "photos-only", { prefixes: ["photos/"] });
    const guest = boxClient(stack, { token: "photos-only" });
    const asked = (id: string) => guest.zipDownloads.createZipDownload({ items: [file(id)] });
    expect(await boxErrorOf(asked("/top.txt"))).toMatchObject(
      told(403, "access_denied_insufficient_permissions", "forbidden"),
    );
    expect((await asked("/photos/Summary.pdf")).downloadUrl).toContain(stack.api);
  });

  test("more requests than the token may make in a minute", async () => {
    await addToken(stack, "hasty", { requestsPerMinute: 2 });
    const hasty = boxClient(stack, { token: "hasty" });
    const asked = () => hasty.zipDownloads.createZipDownload({ items: [file("/top.txt")] });
    // One minute may end between any two of them, but not four times.
    const outcomes = await Promise.allSettled(Array.from({ length: 9 }, asked));
    const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(errors.length).toBeGreaterThanOrEqual(5);
    for (const error of errors) {
      expect(error).toMatchObject(told(429, "rate_limit_exceeded", "rate-limited"));
      expect(Number(error.responseInfo.headers["retry-after"])).toBeGreaterThan(0);
    }
  });

  test("what goes wrong on this side, told without a word of it, after the SDK has tried again", async () => {
    const { statusUrl } = await create(file("/top.txt"));
    await spoilBall(statusUrl);
    let attempts = 0;
    const insistent = boxClient(stack, { maxAttempts: 3 }).withInterceptors([
      {
        beforeRequest(options) {
          attempts += 1;
          return options;
        },
        afterRequest: (response) => response,
      },
    ]);
    const error = await boxErrorOf(insistent.zipDownloads.getZipDownloadStatus(statusUrl));
    expect(error).toMatchObject(told(500, "internal_server_error", "ball-corrupt"));
    expect(attempts).toBe(3);
  });
});

/** Makes what is stored of a ball something that is none. */
async function spoilBall(statusUrl: string): Promise<void> {
  const ballId = statusUrl.split("/").at(-2);
  await stack.dynamoDb.send(
    new UpdateCommand({
      TableName: ballsTable,
      Key: { ballId, item: "ball" },
      UpdateExpression: "SET lengthBytes = :none",
      ExpressionAttributeValues: { ":none": "none" },
    }),
  );
}

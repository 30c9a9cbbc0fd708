import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { zipDownloadStatus } from "../../lambdas/api/box/schemas.ts";
import { runProgram } from "../interop/run-program.ts";
import { testWith } from "../support/outside-programs.ts";
import { openResponse, readToEnd } from "./broken-download.ts";
import { bytesOf, patternBytes, startTestStack, type TestStack } from "./test-stack.ts";

const MiB = 1024 * 1024;
/** How long a status is waited for that is to be at most two seconds old, in milliseconds: the machine may be busy. */
const mostDelayMs = 10_000;
const fileCount = 48;
const fileBytes = MiB;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ variables: { REQUESTS_PER_MINUTE: "100000" } });
  const numbers = Array.from({ length: fileCount }, (_, number) => number);
  // So many digits that the archive has the files in their order.
  const bodies = numbers.map((number) => [`films/${100 + number}.bin`, patternBytes(fileBytes, number)]);
  await stack.put({ ...Object.fromEntries(bodies), "films/empty/": "" });
  return () => stack.close();
});

async function statusOf(link: string) {
  const ballId = new URL(link).pathname.slice(1, -".zip".length);
  const response = await fetch(`${stack.api}/2.0/zip_downloads/${ballId}/status`, {
    headers: { Authorization: `Bearer ${stack.token}` },
  });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return zipDownloadStatus.parse(await response.json());
}

const films = () => stack.create([{ folder: "/films" }]);

describe("while a slow reader reads", () => {
  test("the status is true, follows it while it waits, and is succeeded when the last byte is there", async () => {
    const link = await films();
    const response = await openResponse(link);
    const length = Number(response.headers["content-length"]);
    /** Files that must have gone out with so many bytes: each takes its data and less than 100 bytes of header. */
    const leastFiles = (bytes: number) => Math.floor(bytes / (fileBytes + 100));
    let received = 0;
    let pauseAt = 0;
    const counts: number[] = [];
    for await (const chunk of response) {
      received += chunk.length;
      // In the second half what is left may all be on its way, in the buffers of the connection.
      if (received < pauseAt || received > length / 2) continue;
      pauseAt = received + length / 5;
      const count = () => statusOf(link).then(({ downloaded_file_count: files }) => files);
      await expect.poll(count, { timeout: mostDelayMs }).toBeGreaterThanOrEqual(leastFiles(received));
      const status = await statusOf(link);
      expect(status.state).toBe("in_progress");
      expect(status.downloaded_file_count).toBeLessThan(fileCount);
      counts.push(status.downloaded_file_count);
    }
    expect(counts.length).toBeGreaterThanOrEqual(3);
    expect(counts).toEqual(counts.toSorted((one, other) => one - other));
    expect(new Set(counts).size).toBe(counts.length);
    expect(await statusOf(link)).toEqual({
      ...{ total_file_count: fileCount, downloaded_file_count: fileCount, state: "succeeded" },
      ...{ skipped_file_count: 0, skipped_folder_count: 0 },
    });
  }, 60_000);

  test("one that leaves has what it had, and may come again", async () => {
    const link = await films();
    const response = await openResponse(link);
    let received = 0;
    for await (const chunk of response) {
      received += chunk.length;
      if (received > 10 * MiB) break;
    }
    response.destroy();
    const has = () => statusOf(link).then(({ downloaded_file_count: count }) => count);
    await expect.poll(has, { timeout: mostDelayMs }).toBeGreaterThanOrEqual(9);
    expect(await statusOf(link)).toMatchObject({ state: "in_progress" });
    await bytesOf(link);
    expect(await statusOf(link)).toMatchObject({ state: "succeeded" });
  }, 30_000);
});

describe("of a download by several requests", () => {
  testWith(["aria2c"], "aria2c's parallel connections count as one download", async () => {
    const link = await films();
    const folder = mkdtempSync(join(tmpdir(), "zipball-status-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const options = ["-x", "8", "-s", "8", "-k", "1M", "--quiet", "--no-conf", "-d", folder];
    await runProgram("aria2c", [...options, "-o", "pieces.zip", link]);
    expect(await statusOf(link)).toMatchObject({ downloaded_file_count: fileCount, state: "succeeded" });
  });

  test("every piece counts once, in whatever order pieces come and however they overlap", async () => {
    const link = await films();
    const length = Number((await fetch(link, { method: "HEAD" })).headers.get("content-length"));
    const middle = Math.floor(length / 2);
    await bytesOf(link, { Range: `bytes=${middle}-` });
    const half = (await statusOf(link)).downloaded_file_count;
    expect(half).toBeGreaterThanOrEqual(fileCount / 2 - 1);
    expect(half).toBeLessThanOrEqual(fileCount / 2);
    await bytesOf(link, { Range: `bytes=${middle + 5 * MiB}-${middle + 9 * MiB}` });
    expect((await statusOf(link)).downloaded_file_count).toBe(half);
    await bytesOf(link, { Range: `bytes=0-${middle - 2}` });
    // The file in the middle lacks one byte.
    expect(await statusOf(link)).toMatchObject({
      downloaded_file_count: fileCount - 1,
      state: "in_progress",
    });
    await bytesOf(link, { Range: `bytes=${middle - 1}-${middle - 1}` });
    expect(await statusOf(link)).toMatchObject({ downloaded_file_count: fileCount, state: "succeeded" });
  });

  test("two clients are one download as well", async () => {
    const link = await films();
    const slow = await openResponse(link);
    slow.pause();
    await bytesOf(link);
    expect(await statusOf(link)).toMatchObject({ downloaded_file_count: fileCount, state: "succeeded" });
    expect((await readToEnd(slow)).isWhole).toBe(true);
    expect(await statusOf(link)).toMatchObject({ state: "succeeded" });
  });
});

test("a download that breaks has failed, and names the object, until the next attempt", async () => {
  await stack.put({ "late/a.bin": patternBytes(18 * MiB, 3), "late/b/c.txt": "last" });
  const link = await stack.create([{ folder: "/late" }]);
  await stack.put({ "late/b/c.txt": "another" });
  expect((await readToEnd(await openResponse(link))).isWhole).toBe(false);
  expect(await statusOf(link)).toEqual({
    ...{ total_file_count: 2, downloaded_file_count: 0, skipped_file_count: 1, skipped_folder_count: 1 },
    ...{ state: "failed", failure: expect.stringContaining('"/late/b/c.txt" was changed or deleted') },
  });
  await bytesOf(link);
  expect(await statusOf(link)).toEqual({
    ...{ total_file_count: 2, downloaded_file_count: 1, skipped_file_count: 1, skipped_folder_count: 1 },
    state: "succeeded",
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SentRange } from "../../lambdas/ball/ball.ts";
import { progressIntervalMs } from "../../lambdas/delivery/progress.ts";
import { readStatus } from "../../lambdas/delivery/read-status.ts";
import { offsetAt } from "../../lambdas/layout/layout.ts";
import { someBytes } from "./archive-of.ts";
import { bytesOf, memoryDownload } from "./memory-download.ts";

/** Files small and large, an empty one, and directories. */
const objects = [
  { name: "a/", bytes: Buffer.of() },
  { name: "a/small.txt", bytes: someBytes(10) },
  { name: "a/empty.txt", bytes: Buffer.of() },
  { name: "b.bin", bytes: someBytes(3_000_000) },
  { name: "c/", bytes: Buffer.of() },
  { name: "c/d.bin", bytes: someBytes(100_000) },
  { name: "e.bin", bytes: someBytes(70_000) },
];
const fileEntries = [1, 2, 3, 5, 6];

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

/** Takes an answer's chunks; before each of them, `look` is told how far those before it came. */
async function takeSlowly(
  chunks: AsyncIterable<Uint8Array> | undefined,
  start: number,
  look: (end: number) => Promise<void>,
) {
  let end = start;
  for await (const chunk of chunks ?? []) {
    await vi.advanceTimersByTimeAsync(progressIntervalMs);
    await look(end);
    end += chunk.length;
  }
  await look(end);
}

describe("the status of a download", () => {
  test("counts exactly the files of which all went out, at every point", async () => {
    const download = await memoryDownload(objects);
    const { localHeaderOffsets, lengthBytes } = download.layout;
    const seen = new Set<number>();
    await takeSlowly((await download.get()).chunks, 0, async (end) => {
      const files = fileEntries.filter((entry) => offsetAt(localHeaderOffsets, entry + 1) <= end);
      const status = await download.status();
      // The last chunk is told before it leaves.
      const isTold = status.state === "succeeded";
      expect(status.downloadedFileCount).toBe(isTold ? fileEntries.length : files.length);
      if (end === lengthBytes) expect(isTold).toBe(true);
      seen.add(status.downloadedFileCount);
    });
    expect(seen.size).toBeGreaterThanOrEqual(4);
    expect(await download.status()).toEqual({
      totalFileCount: 5,
      downloadedFileCount: 5,
      skippedFileCount: 0,
      skippedFolderCount: 0,
      state: "succeeded",
      failure: undefined,
      bytes: undefined,
    });
  });

  test("counts a file that came in pieces when the last piece is there, and all when all is", async () => {
    const download = await memoryDownload(objects);
    const { lengthBytes, localHeaderOffsets } = download.layout;
    const middle = offsetAt(localHeaderOffsets, 3) + 1_000_000;
    await bytesOf(await download.get({ headers: { range: `bytes=${middle}-` } }));
    expect(await download.status()).toMatchObject({ downloadedFileCount: 2, state: "in_progress" });
    await bytesOf(await download.get({ headers: { range: `bytes=0-${middle - 2}` } }));
    expect(await download.status()).toMatchObject({ downloadedFileCount: 4, state: "in_progress" });
    await bytesOf(await download.get({ headers: { range: `bytes=${middle - 1}-${middle}` } }));
    expect(await download.status()).toMatchObject({ downloadedFileCount: 5, state: "succeeded" });
    expect(lengthBytes).toBeGreaterThan(middle);
  });

  test("is in progress after a reader has left, with what it had", async () => {
    const download = await memoryDownload(objects);
    const { chunks } = await download.get();
    let taken = 0;
    for await (const _ of chunks ?? []) {
      taken += 1;
      if (taken === 3) break;
    }
    const [kept] = download.store.kept;
    expect(kept).toMatchObject({ start: 0, failure: undefined });
    expect(await download.status()).toMatchObject({ state: "in_progress", failure: undefined });
  });

  test("goes back from succeeded when the last bytes did not go out", async () => {
    const download = await memoryDownload(objects.slice(0, 2));
    const { chunks } = await download.get();
    for await (const _ of chunks ?? []) {
      expect(await download.status()).toMatchObject({ state: "succeeded", downloadedFileCount: 1 });
      break;
    }
    expect(await download.status()).toMatchObject({ state: "in_progress", downloadedFileCount: 0 });
  });

  test("is failed as long as the newest news is a failure", async () => {
    const download = await memoryDownload(objects);
    await download.store.start(download.ball, 1);
    const tell = (sent: Partial<SentRange>) =>
      download.store.keepSentRange(download.ball, {
        ...{ requestId: "one", planNumber: 0, start: 0, end: 50, updatedAtEpochMs: 1, failure: undefined },
        ...sent,
      });
    const state = async () => (await download.status()).state;
    await tell({ updatedAtEpochMs: 10, failure: "broke" });
    expect(await state()).toBe("failed");
    await tell({ requestId: "two", updatedAtEpochMs: 9 });
    expect(await state()).toBe("failed");
    await tell({ requestId: "two", updatedAtEpochMs: 11, end: 60 });
    expect(await state()).toBe("in_progress");
    await tell({ requestId: "three", updatedAtEpochMs: 12, failure: "broke again" });
    expect(await download.status()).toMatchObject({ state: "failed", failure: "broke again" });
    await tell({ requestId: "four", updatedAtEpochMs: 5, end: download.ball.lengthBytes });
    expect(await download.status()).toMatchObject({ state: "succeeded", failure: undefined });
  });

  test("asks for a plan's manifest once, however often it is asked for", async () => {
    const download = await memoryDownload(objects, { etag: '"a plan of its own"' });
    await bytesOf(await download.get({ headers: { range: "bytes=0-1000" } }));
    const asked = vi.spyOn(download.store, "getManifest");
    for (let times = 0; times < 10; times += 1) await download.status();
    expect(asked).toHaveBeenCalledTimes(1);
  });
});

describe("there is no status", () => {
  const grant = { tokenId: "token", bucket: "bucket", prefixes: [""], requestsPerMinute: 60 };

  test("of a ball that was never made, or is of another bucket", async () => {
    const { store, assemblies, ball, status } = await memoryDownload(objects);
    const notFound = { code: "ball-not-found" };
    await expect(readStatus({ store, assemblies }, "another", grant, new Date())).rejects.toMatchObject(
      notFound,
    );
    const other = { ...grant, bucket: "another" };
    await expect(readStatus({ store, assemblies }, ball.ballId, other, new Date())).rejects.toMatchObject(
      notFound,
    );
    await expect(status()).rejects.toMatchObject({ code: "ball-not-started" });
  });

  test("of a download that has not begun in time; the start of one puts the end off", async () => {
    const download = await memoryDownload(objects, { lifetimeFromStartSeconds: 7200 });
    const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000);
    await expect(download.status(inSeconds(3601))).rejects.toMatchObject({ code: "ball-expired" });
    await bytesOf(await download.get());
    expect(await download.status(inSeconds(7100))).toMatchObject({ state: "succeeded" });
    await expect(download.status(inSeconds(7300))).rejects.toMatchObject({ code: "ball-expired" });
  });
});

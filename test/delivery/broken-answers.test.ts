import { describe, expect, test } from "vitest";
import { someBytes } from "./archive-of.ts";
import { bytesOf, entriesOfAnswer, memoryDownload } from "./memory-download.ts";

const text = (name: string) => ({ name, bytes: Buffer.from(`content of ${name}`) });
const names = ["a.txt", "b/c.txt", "b/d.txt", "e.txt"];
const fate = "was changed or deleted after this zip was asked for";
/** More than is read ahead of the first byte, so that what follows is found behind it. */
const large = { name: "first.bin", bytes: someBytes(17 * 1024 * 1024) };

describe("an object that is gone behind the first byte", () => {
  const broken = async () => {
    const download = await memoryDownload([large, ...names.map(text)]);
    const started = await download.get();
    download.change("b/c.txt");
    download.change("e.txt");
    const { bytes, error } = await bytesOf(started);
    return { download, bytes, error };
  };

  test("breaks the answer off, after right bytes", async () => {
    const { download, bytes, error } = await broken();
    expect(error).toMatchObject({ code: "source-changed" });
    expect(bytes.length).toBeGreaterThanOrEqual(large.bytes.length);
    expect(bytes.equals(download.reference.bytes({ start: 0, end: bytes.length }))).toBe(true);
  });

  test("is in no later plan, with all that was found gone by then, and the status says what failed until then", async () => {
    const { download } = await broken();
    expect(await download.present()).toMatchObject({ planNumber: 1, skippedFileCount: 2, fileCount: 3 });
    expect(await download.status()).toEqual({
      state: "failed",
      failure: `"/in/b/c.txt" ${fate}`,
      totalFileCount: 5,
      downloadedFileCount: 0,
      skippedFileCount: 2,
      skippedFolderCount: 0,
    });
    const next = await download.get();
    const entries = await entriesOfAnswer(next);
    expect(entries.map(({ name }) => name)).toEqual(["first.bin", "a.txt", "b/d.txt", "_skipped.txt"]);
    expect(await download.status()).toMatchObject({ state: "succeeded", downloadedFileCount: 3 });
  });

  test("is not joined to what the client has: a range gets the whole, unless it names the new plan", async () => {
    const { download, bytes } = await broken();
    const range = `bytes=${bytes.length}-`;
    expect((await download.get({ headers: { range } })).evaluation).toEqual({ kind: "whole" });
    const whole = (await bytesOf(await download.get())).bytes;
    const { etag, lengthBytes } = await download.present();
    const rest = await download.get({ headers: { range: "bytes=100-", "if-range": etag } });
    expect(rest.evaluation).toEqual({ kind: "partial", range: { start: 100, end: lengthBytes } });
    expect((await bytesOf(rest)).bytes.equals(whole.subarray(100))).toBe(true);
  });

  test("is only told, when the new plan can not be kept", async () => {
    const download = await memoryDownload([large, ...names.map(text)]);
    const started = await download.get();
    download.change("b/c.txt");
    download.store.beforeWrite = (what) => {
      if (what === "plan") throw new Error("DynamoDB is throttling");
    };
    expect((await bytesOf(started)).error).toMatchObject({ code: "source-changed" });
    expect(await download.present()).toMatchObject({ planNumber: 0 });
    expect(await download.status()).toMatchObject({ state: "failed", failure: `"/in/b/c.txt" ${fate}` });
    download.store.beforeWrite = () => undefined;
    expect((await download.get()).evaluation).toEqual({ kind: "whole" });
  });

  test("is not searched for when the reader has left", async () => {
    const download = await memoryDownload([large, ...names.map(text)]);
    const gone = new AbortController();
    const started = await download.get({ signal: gone.signal });
    download.change("b/c.txt");
    gone.abort();
    expect((await bytesOf(started)).error).toBe(gone.signal.reason);
    expect(await download.present()).toMatchObject({ planNumber: 0 });
    expect(await download.status()).toMatchObject({ state: "in_progress", failure: undefined });
  });
});

describe("whichever object is gone, whenever", () => {
  const mebibyte = 1024 * 1024;
  const count = 20;
  const objects = Array.from({ length: count }, (_, index) => ({
    name: `${index}.bin`,
    bytes: someBytes(mebibyte, index),
  }));
  const numbers = Array.from({ length: count }, (_, number) => number);
  /** The first window has sixteen of them. */
  const tried = [0, 8, 15, 16, 17, 19];

  async function expectNextWithout(download: Awaited<ReturnType<typeof memoryDownload>>, number: number) {
    const names = (await entriesOfAnswer(await download.get())).map(({ name }) => name);
    const remaining = numbers.filter((one) => one !== number).map((one) => `${one}.bin`);
    expect(names).toEqual([...remaining, "_skipped.txt"]);
    expect(await download.status()).toMatchObject({ state: "succeeded", downloadedFileCount: count - 1 });
  }

  test.each(tried)(
    "number %i, ahead of the first byte or not: one attempt more is enough",
    async (number) => {
      const download = await memoryDownload(objects);
      download.change(`${number}.bin`);
      const { bytes, error } = await bytesOf(await download.get());
      if (error !== undefined) {
        expect(bytes.equals(download.reference.bytes({ start: 0, end: bytes.length }))).toBe(true);
        expect(await download.status()).toMatchObject({ state: "failed", skippedFileCount: 1 });
      }
      expect((await download.present()).planNumber).toBe(1);
      await expectNextWithout(download, number);
    },
  );

  test.each(tried)(
    "number %i, after the first byte: it was read by then, or the answer breaks",
    async (number) => {
      const download = await memoryDownload(objects);
      const started = await download.get();
      download.change(`${number}.bin`);
      const { bytes, error } = await bytesOf(started);
      expect(bytes.equals(download.reference.bytes({ start: 0, end: bytes.length }))).toBe(true);
      const isWhole = bytes.length === download.ball.lengthBytes;
      expect(isWhole).toBe(error === undefined);
      expect((await download.status()).state).toBe(isWhole ? "succeeded" : "failed");
      await expectNextWithout(download, number);
    },
  );
});

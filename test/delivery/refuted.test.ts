import { describe, expect, test } from "vitest";
import { BallError } from "../../lambdas/ball/errors.ts";
import { someBytes } from "./archive-of.ts";
import { bytesOf, entriesOfAnswer, memoryDownload } from "./memory-download.ts";

const MiB = 1024 * 1024;
const wrong = 0x1234_5678;
const text = (name: string) => ({ name, bytes: Buffer.from(`content of ${name}`) });
/** Most of it has gone out when all of it has come. */
const large = { name: "large.bin", bytes: someBytes(5 * MiB) };
const notKept = <Content>(content: Content) => ({ ...content, keepsCrc32: false });

type MemoryDownload = Awaited<ReturnType<typeof memoryDownload>>;

/** Turns the last bit of an object; answers what turns it back. */
function corrupt({ sources }: MemoryDownload, { name, bytes }: typeof large) {
  const turned = Buffer.from(bytes);
  turned.writeUInt8(turned.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  sources.corrupt(`in/${name}`, turned);
  return () => sources.corrupt(`in/${name}`, bytes);
}

/** An answer that broke off: none of the wrong archive's end, and all of it as it was promised until then. */
async function expectBroken(download: MemoryDownload): Promise<Buffer> {
  const { bytes, error } = await bytesOf(await download.get());
  expect(error).toMatchObject({ code: "source-corrupt" });
  expect(bytes.length).toBeLessThan(download.ball.lengthBytes);
  return bytes;
}

async function expectRight(download: MemoryDownload): Promise<void> {
  const { bytes, error } = await bytesOf(await download.get());
  expect(error).toBeUndefined();
  expect(bytes.equals(download.reference.bytes())).toBe(true);
  expect(await download.status()).toMatchObject({ state: "succeeded", failure: undefined });
}

describe("a CRC-32 that was kept wrong, of a body that passes in several chunks", () => {
  const broken = async (content: typeof large = large) => {
    const download = await memoryDownload([text("a.txt"), content, text("z.txt")]);
    download.known.set(1, wrong);
    return { download, part: await expectBroken(download) };
  };

  test("breaks the answer off, and the next one is right", async () => {
    const { download, part } = await broken();
    expect(part.length).toBeGreaterThan(2 * MiB);
    const present = await download.present();
    expect(present).toMatchObject({ planNumber: 1, lengthBytes: download.ball.lengthBytes, fileCount: 3 });
    expect(present.etag).not.toBe(download.ball.etag);
    expect(present.plannedAtEpochSeconds).toBeGreaterThan(download.ball.plannedAtEpochSeconds);
    await expectRight(download);
    expect(await download.present()).toMatchObject({ planNumber: 1 });
  });

  test("is what the status says, until there is news of the new plan", async () => {
    const { download } = await broken();
    expect(await download.status()).toMatchObject({
      state: "failed",
      failure: expect.stringMatching(/large\.bin.*12345678 was expected/),
      downloadedFileCount: 0,
      totalFileCount: 3,
    });
    await bytesOf(await download.get({ headers: { range: "bytes=0-9", "if-match": "*" } }));
    await bytesOf(await download.get());
    expect(await download.status()).toMatchObject({ state: "succeeded", failure: undefined });
  });

  test("is not joined to what the client has of it", async () => {
    const { download, part } = await broken();
    const range = `bytes=${part.length}-`;
    const old = download.ball.etag;
    for (const headers of [{ range }, { range, "if-range": old }, { range, "if-match": old }]) {
      const resumed = await download.get({ headers });
      expect(resumed.evaluation).toEqual({ kind: "whole" });
      expect((await bytesOf(resumed)).bytes.equals(download.reference.bytes())).toBe(true);
    }
    const wget = await download.get({ headers: { range, "user-agent": "Wget/1.21" } });
    expect(wget).toMatchObject({ evaluation: { kind: "precondition-failed" }, chunks: undefined });
  });

  test("is followed by an archive that can be gone on with by its own entity tag", async () => {
    const { download } = await broken();
    const { etag, lengthBytes } = await download.present();
    const start = 3 * MiB;
    const resumed = await download.get({ headers: { range: `bytes=${start}-`, "if-range": etag } });
    expect(resumed.evaluation).toEqual({ kind: "partial", range: { start, end: lengthBytes } });
    const rest = download.reference.bytes({ start, end: lengthBytes });
    expect((await bytesOf(resumed)).bytes.equals(rest)).toBe(true);
  });

  test("is the only one that is learned anew", async () => {
    const { download } = await broken();
    const crc32s = await download.store.getCrc32s(await download.present());
    expect([0, 1, 2].map((entry) => crc32s.get(entry))).toEqual(
      [0, 1, 2].map((entry) => download.reference.crc32Of(entry)),
    );
    expect(download.sources.described).toEqual(["in/large.bin"]);
  });

  test("stays with whoever reads the plan it was told in", async () => {
    const { download } = await broken();
    expect((await download.store.getCrc32s(download.ball)).get(1)).toBe(wrong);
  });

  test("of several requests at the same time makes one plan", async () => {
    const download = await memoryDownload([text("a.txt"), large, text("z.txt")]);
    download.known.set(1, wrong);
    await Promise.all(Array.from({ length: 4 }, () => expectBroken(download)));
    expect(await download.present()).toMatchObject({ planNumber: 1 });
    await expectRight(download);
  });

  test("is planned anew for a reader who has left by then, too, and is none of his failures", async () => {
    const download = await memoryDownload([text("a.txt"), large, text("z.txt")]);
    download.known.set(1, wrong);
    const left = new AbortController();
    const started = await download.get({ signal: left.signal });
    download.store.beforeWrite = (what) => (what === "plan" ? left.abort() : undefined);
    download.contents.beforeCall = () => left.abort();
    expect((await bytesOf(started)).error).toMatchObject({ code: "source-corrupt" });
    expect(await download.present()).toMatchObject({ planNumber: 1 });
    expect(download.store.kept.filter(({ planNumber }) => planNumber === 1)).toEqual([]);
    expect(await download.status()).toMatchObject({ state: "in_progress", failure: undefined });
  });

  test("is told all the same when no plan can be kept, and the next answer sees to it", async () => {
    const download = await memoryDownload([text("a.txt"), large, text("z.txt")]);
    download.known.set(1, wrong);
    download.store.beforeWrite = (what) => {
      if (what === "plan") throw new Error("DynamoDB is throttling");
    };
    await expectBroken(download);
    expect(await download.present()).toMatchObject({ planNumber: 0 });
    download.store.beforeWrite = () => undefined;
    await expectBroken(download);
    await expectRight(download);
  });

  test("and an object behind it that is gone make one plan", async () => {
    const content = { name: "large.bin", bytes: someBytes(17 * MiB) };
    const download = await memoryDownload([text("a.txt"), content, text("y.txt"), text("z.txt")]);
    download.known.set(1, wrong);
    const asked = Promise.withResolvers<void>();
    download.sources.beforeRead = async ({ key, range }) => {
      // It is asked for behind the first byte, and ahead of the last ones of the body.
      if (range.end === content.bytes.length) await asked.promise;
      if (key !== "in/z.txt") return;
      asked.resolve();
      throw new BallError("source-changed", "gone");
    };
    await expectBroken(download);
    expect(await download.present()).toMatchObject({ planNumber: 1, skippedFileCount: 1, fileCount: 3 });
    const next = await download.get();
    const entries = await entriesOfAnswer(next);
    expect(entries.map(({ name }) => name)).toEqual(["a.txt", "large.bin", "y.txt", "_skipped.txt"]);
    expect(next.ball.planNumber).toBe(1);
  });

  test("is corrected in the plan that another request came to meanwhile", async () => {
    const download = await memoryDownload([text("a.txt"), large, text("y.txt"), text("z.txt")]);
    download.known.set(1, wrong);
    const started = await download.get();
    const iterator = started.chunks?.[Symbol.asyncIterator]();
    await iterator?.next();
    download.change("z.txt");
    const gone = await download.get();
    expect(gone.ball).toMatchObject({ planNumber: 1, skippedFileCount: 1 });
    await expect(drainRest(iterator)).rejects.toMatchObject({ code: "source-corrupt" });
    expect(await download.present()).toMatchObject({ planNumber: 2, skippedFileCount: 1, fileCount: 3 });
    const entries = await entriesOfAnswer(await download.get());
    expect(entries.map(({ name }) => name)).toEqual(["a.txt", "large.bin", "y.txt", "_skipped.txt"]);
  });

  test("is read anew, ahead of its header, where S3 keeps none", async () => {
    const content = { name: "large.bin", bytes: someBytes(17 * MiB) };
    const { download } = await broken(notKept(content));
    expect((await download.store.getCrc32s(await download.present())).get(1)).toBeUndefined();
    await expectRight(download);
  });

  test("is asked for again where S3 can not be asked", async () => {
    const download = await memoryDownload([text("a.txt"), large, text("z.txt")]);
    download.known.set(1, wrong);
    const { describePinned } = download.sources;
    download.sources.describePinned = () => Promise.reject(new Error("S3 goes on failing"));
    await expectBroken(download);
    expect(await download.present()).toMatchObject({ planNumber: 1 });
    download.sources.describePinned = describePinned;
    await expectBroken(download);
    expect(await download.present()).toMatchObject({ planNumber: 2 });
    await expectRight(download);
  });
});

describe("a CRC-32 that was kept wrong, of a body of which nothing has gone out", () => {
  test.each([true, false])("is mended before the first byte; S3 keeps it: %s", async (keepsCrc32) => {
    const download = await memoryDownload([text("a.txt"), { ...text("b.txt"), keepsCrc32 }]);
    download.known.set(1, wrong);
    const started = await download.get();
    expect(started.ball).toMatchObject({ planNumber: 1, skippedFileCount: 0 });
    expect(started.ball.etag).not.toBe(download.ball.etag);
    expect((await bytesOf(started)).bytes.equals(download.reference.bytes())).toBe(true);
    expect(await download.status()).toMatchObject({ state: "succeeded", failure: undefined });
  });

  test("is mended once in a request: with another one behind it, it is the next that is right", async () => {
    const download = await memoryDownload(["a.txt", "b.txt", "c.txt"].map(text));
    for (const entry of [0, 1, 2]) download.known.set(entry, wrong);
    await expect(download.get()).rejects.toMatchObject({ code: "source-corrupt" });
    expect(await download.present()).toMatchObject({ planNumber: 2 });
    expect((await download.status()).state).toBe("failed");
    await expectRight(download);
    expect(await download.present()).toMatchObject({ planNumber: 3 });
  });

  test("is told as what it is, when the ball can not be read again", async () => {
    const download = await memoryDownload([text("a.txt"), text("b.txt")]);
    download.known.set(1, wrong);
    const { get } = download.store;
    download.contents.beforeCall = () => {
      download.store.get = () => Promise.reject(new Error("DynamoDB is throttling"));
    };
    await expect(download.get()).rejects.toMatchObject({ code: "source-corrupt" });
    download.contents.beforeCall = () => undefined;
    download.store.get = get;
    await expectRight(download);
  });

  test("is mended for a client that goes on with the plan it was told in, with the whole of the new one", async () => {
    const download = await memoryDownload([text("a.txt"), text("b.txt")]);
    download.known.set(1, wrong);
    const headers = { range: "bytes=40-", "if-range": download.ball.etag };
    const started = await download.get({ headers });
    expect(started.evaluation).toEqual({ kind: "whole" });
    expect((await bytesOf(started)).bytes.equals(download.reference.bytes())).toBe(true);
  });
});

describe("bytes that are not those of which S3 keeps the CRC-32", () => {
  test.each([
    ["", large],
    [", or nothing but the MD5,", notKept(large)],
  ])(
    "%s break every answer off, each with a plan of its own, until they are mended",
    async (_what, content) => {
      const download = await memoryDownload([text("a.txt"), content, text("z.txt")]);
      download.known.set(1, download.reference.crc32Of(1));
      const mend = corrupt(download, large);
      const etags = new Set<string>();
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const { etag } = await download.present();
        etags.add(etag);
        const part = await expectBroken(download);
        expect(await download.present()).toMatchObject({ planNumber: attempt + 1, skippedFileCount: 0 });
        expect((await download.status()).state).toBe("failed");
        // Nor can any of them be gone on with inside the body.
        for (const old of etags) {
          const headers = { range: `bytes=${part.length}-`, "if-range": old };
          expect((await download.get({ headers })).evaluation).toEqual({ kind: "whole" });
        }
      }
      expect(etags.size).toBe(3);
      mend();
      await expectRight(download);
    },
  );

  test("of which nothing has gone out are told, and the plan stays, for it is right", async () => {
    const small = text("b.txt");
    const download = await memoryDownload([text("a.txt"), small, text("z.txt")]);
    const mend = corrupt(download, small);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await expect(download.get()).rejects.toMatchObject({ code: "source-corrupt" });
      expect(download.sources.described).toHaveLength(attempt);
      expect(await download.present()).toMatchObject({ planNumber: 0 });
      expect((await download.status()).state).toBe("failed");
    }
    mend();
    await expectRight(download);
    expect((await download.present()).etag).toBe(download.ball.etag);
  });

  test("of which nothing has gone out take nothing from a client that has what comes before them", async () => {
    const small = { name: "small.bin", bytes: someBytes(1000) };
    const download = await memoryDownload([large, small, text("z.txt")]);
    const mend = corrupt(download, small);
    const part = await expectBroken(download);
    expect(part.equals(download.reference.bytes({ start: 0, end: part.length }))).toBe(true);
    mend();
    const headers = { range: `bytes=${part.length}-`, "if-range": download.ball.etag };
    const rest = await bytesOf(await download.get({ headers }));
    expect(Buffer.concat([part, rest.bytes]).equals(download.reference.bytes())).toBe(true);
  });

  test("do not become right ones where S3 keeps nothing but their MD5", async () => {
    const small = text("b.txt");
    const download = await memoryDownload([text("a.txt"), notKept(small)]);
    download.known.set(1, download.reference.crc32Of(1));
    const mend = corrupt(download, small);
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(download.get()).rejects.toMatchObject({ code: "source-corrupt" });
    expect(await download.present()).toMatchObject({ planNumber: 0 });
    mend();
    await expectRight(download);
  });
});

async function drainRest(chunks: AsyncIterator<Uint8Array> | undefined): Promise<void> {
  for (let next = await chunks?.next(); next?.done === false; next = await chunks?.next());
}

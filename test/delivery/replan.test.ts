import { describe, expect, test } from "vitest";
import { BallError } from "../../lambdas/ball/errors.ts";
import { watchGone } from "../../lambdas/delivery/gone-sources.ts";
import { replanBall } from "../../lambdas/delivery/replan-ball.ts";
import { someBytes } from "./archive-of.ts";
import { bytesOf, entriesOfAnswer, memoryDownload } from "./memory-download.ts";

const text = (name: string) => ({ name, bytes: Buffer.from(`content of ${name}`) });
const names = ["a.txt", "b/c.txt", "b/d.txt", "e.txt"];
const small = () => memoryDownload(names.map(text));
const fate = "was changed or deleted after this zip was asked for";
/** More than is read ahead of the first byte, so that what follows is found behind it. */
const large = { name: "first.bin", bytes: someBytes(9 * 1024 * 1024) };

describe("an object that is gone by the first byte", () => {
  test.each(names)("is left out, whichever it is: %s", async (name) => {
    const download = await small();
    download.change(name);
    const started = await download.get();
    expect(started.ball).toMatchObject({ planNumber: 1, fileCount: 3, skippedFileCount: 1, entryCount: 4 });
    expect(started.ball.etag).not.toBe(download.ball.etag);
    expect(started.ball.plannedAtEpochSeconds).toBeGreaterThan(download.ball.plannedAtEpochSeconds);
    expect(started.evaluation).toEqual({ kind: "whole" });
    expect(await entriesOfAnswer(started)).toEqual([
      ...names.filter((one) => one !== name).map((one) => ({ name: one, content: `content of ${one}` })),
      { name: "_skipped.txt", content: expect.stringContaining(`\n${name}: ${fate}\n`) },
    ]);
    expect(await download.present()).toEqual({ ...started.ball, startedAtEpochSeconds: expect.any(Number) });
    expect(await download.status()).toMatchObject({
      state: "succeeded",
      totalFileCount: 4,
      downloadedFileCount: 3,
      skippedFileCount: 1,
    });
  });

  test("because it was archived is named with that", async () => {
    const download = await small();
    download.sources.beforeRead = ({ key }) => {
      if (key === "in/a.txt") throw new BallError("source-archived", "archived");
    };
    const entries = await entriesOfAnswer(await download.get());
    expect(entries.at(-1)?.content).toContain("a.txt: was moved to an archive");
  });

  test("is found by the reads of the download alone", async () => {
    const download = await small();
    download.change("b/c.txt");
    await bytesOf(await download.get());
    // Each once for the plan that was given up, and each that remains once more.
    expect(download.sources.reads).toHaveLength(4 + 3);
    expect(download.sources.described).toEqual([]);
  });

  test("is found among a great many in one round, as long as no more are there than fit the first window", async () => {
    const many = Array.from({ length: 1000 }, (_, index) => text(`many/${index}.txt`));
    const download = await memoryDownload(many);
    for (let index = 0; index < 950; index += 1) download.change(`many/${index}.txt`);
    const started = await download.get();
    expect(started.ball).toMatchObject({ planNumber: 1, fileCount: 50, skippedFileCount: 950 });
    expect((await entriesOfAnswer(started)).at(-1)?.content.split("\n")).toHaveLength(2 + 950 + 1);
  });

  test("with all others leaves the text that tells of them", async () => {
    const download = await small();
    for (const name of names) download.change(name);
    const started = await download.get();
    expect(started.ball).toMatchObject({
      entryCount: 1,
      fileCount: 0,
      skippedFileCount: 4,
      skippedFolderCount: 1,
    });
    const [note, ...others] = await entriesOfAnswer(started);
    expect(others).toEqual([]);
    expect(note?.name).toBe("_skipped.txt");
    for (const name of names) expect(note?.content).toContain(`${name}: ${fate}`);
  });

  test("is named by the next plan, too", async () => {
    const download = await small();
    download.change("a.txt");
    await bytesOf(await download.get());
    download.change("e.txt");
    const started = await download.get();
    expect(started.ball).toMatchObject({ planNumber: 2, fileCount: 2, skippedFileCount: 2, entryCount: 3 });
    const entries = await entriesOfAnswer(started);
    expect(entries.map(({ name }) => name)).toEqual(["b/c.txt", "b/d.txt", "_skipped.txt"]);
    expect(entries.at(-1)?.content).toMatch(/\na\.txt: .*\ne\.txt: .*\n$/);
  });

  test("of a range gets the whole of the new plan", async () => {
    const download = await small();
    download.change("e.txt");
    const { length } = (await bytesOf(await (await small()).get())).bytes;
    for (const headers of [
      { range: `bytes=150-${length}` },
      { range: "bytes=150-", "if-range": download.ball.etag },
      { range: "bytes=150-", "if-match": download.ball.etag },
    ]) {
      const started = await download.get({ headers });
      expect(started.evaluation).toEqual({ kind: "whole" });
      expect((await bytesOf(started)).bytes).toHaveLength(started.ball.lengthBytes);
    }
  });

  test("does not matter where the range needs none of it", async () => {
    const download = await small();
    download.change("e.txt");
    const started = await download.get({ headers: { range: "bytes=0-99" } });
    expect(started.ball.planNumber).toBe(0);
    expect((await bytesOf(started)).bytes.equals(download.reference.bytes({ start: 0, end: 100 }))).toBe(
      true,
    );
  });

  test("is nothing that HEAD or an answer without bytes would find", async () => {
    const download = await small();
    download.change("a.txt");
    for (const options of [
      { method: "HEAD" } as const,
      { headers: { "if-none-match": download.ball.etag } },
      { headers: { "if-match": '"other"' } },
      { headers: { range: "bytes=99999-" } },
    ]) {
      expect(await download.get(options)).toMatchObject({ chunks: undefined, ball: { planNumber: 0 } });
    }
    expect(download.sources.reads).toEqual([]);
    expect((await download.present()).startedAtEpochSeconds).toBeUndefined();
    await expect(download.status()).rejects.toMatchObject({ code: "ball-not-started" });
  });
});

describe("any other failure by the first byte", () => {
  test.each(["source-unreadable", "source-forbidden", "source-corrupt"] as const)(
    "is told, and nothing is skipped for it: %s",
    async (code) => {
      for (let nth = 1; nth <= names.length; nth += 1) {
        const download = await small();
        download.sources.beforeRead = (_call, number) => {
          if (number === nth) throw new BallError(code, `"/${names[nth - 1]}" can not be read`);
        };
        await expect(download.get()).rejects.toMatchObject({ code });
        expect((await download.present()).planNumber).toBe(0);
        expect(await download.status()).toMatchObject({
          state: "failed",
          failure: `"/${names[nth - 1]}" can not be read`,
          downloadedFileCount: 0,
        });
      }
    },
  );

  test("that is nobody's to know is told as such", async () => {
    const download = await small();
    download.sources.beforeRead = () => {
      throw new Error("a secret");
    };
    await expect(download.get()).rejects.toMatchObject({ cause: new Error("a secret") });
    expect((await download.status()).failure).toBe("Something went wrong on our side");
  });
});

describe("several requests at the same time", () => {
  test("that find different objects gone come to a plan without any of them", async () => {
    const download = await small();
    const { manifest, sources } = download;
    const goneOf = async (entry: number) => {
      const { reader, gone } = watchGone(sources);
      await reader.read(manifest.source(entry), { start: 0, end: 1 }).ended.catch(() => undefined);
      return gone;
    };
    for (const name of names) download.change(name);
    const now = new Date();
    const found = await Promise.all([0, 1, 2].map(goneOf));
    const replanned = await Promise.all(
      found.map((gone) => replanBall(download.store, download.ball, { gone, corrections: [] }, now)),
    );
    const present = await download.present();
    expect(present).toMatchObject({ planNumber: 3, fileCount: 1, skippedFileCount: 3 });
    for (const { ball, isOurs } of replanned) expect([ball.planNumber > 0, isOurs]).toEqual([true, true]);
    // Whoever comes later with what is known has nothing to plan.
    const all = { gone: found.flat(), corrections: [] };
    const late = await replanBall(download.store, download.ball, all, now);
    expect(late).toEqual({ ball: present, isOurs: false });
  });

  test("that find the same object gone answer the same plan", async () => {
    const download = await small();
    download.change("b/c.txt");
    const started = await Promise.all(Array.from({ length: 4 }, () => download.get()));
    expect(new Set(started.map(({ ball }) => `${ball.planNumber} ${ball.etag}`)).size).toBe(1);
    const answers = await Promise.all(started.map(bytesOf));
    for (const { bytes } of answers) expect(bytes.equals(answers[0]?.bytes ?? Buffer.of())).toBe(true);
    expect(await download.present()).toMatchObject({ planNumber: 1 });
  });

  test("go on with the plan they began, when another comes to a new one", async () => {
    const download = await memoryDownload([text("a.txt"), large, text("z.txt")]);
    const old = await download.get();
    const iterator = old.chunks?.[Symbol.asyncIterator]();
    const first = await iterator?.next();
    // It was read by then; who comes now finds another.
    download.change("a.txt");
    const fresh = await download.get();
    expect(fresh.ball.planNumber).toBe(1);
    const received = [first?.value ?? Buffer.of()];
    for (let next = await iterator?.next(); next?.done === false; next = await iterator?.next())
      received.push(next.value);
    expect(Buffer.concat(received).equals(download.reference.bytes())).toBe(true);
    // What is sent of an old plan is nothing that was sent of the new one.
    expect(await download.status()).toMatchObject({ state: "in_progress", downloadedFileCount: 0 });
    await bytesOf(fresh);
    expect(await download.status()).toMatchObject({ state: "succeeded", downloadedFileCount: 2 });
  });
});

test("what is known of remaining entries' CRC-32s, or was learned on the way, is known of the new plan's", async () => {
  const contents = names.map((name, index) => ({ ...text(name), keepsCrc32: index % 2 === 0 }));
  const download = await memoryDownload(contents);
  download.change("b/c.txt");
  const { ball } = await download.get();
  const crc32s = await download.store.getCrc32s(ball);
  expect([0, 1, 2].map((entry) => crc32s.get(entry))).toEqual(
    [0, 2, 3].map((entry) => download.reference.crc32Of(entry)),
  );
  expect(crc32s.knownCount).toBe(4);
});

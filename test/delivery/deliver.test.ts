import { describe, expect, test, vi } from "vitest";
import { drain } from "./archive-of.ts";
import { archiveOf, assembledDownload } from "./assembled-download.ts";

const notReady = { code: "archive-not-ready", retryAfterSeconds: 20 };

describe("a ball whose archive is made", () => {
  test("is fetched by a link of its own for every request, and was handed out with the first", async () => {
    const { ask, ball, complete, assemblies, clock, signed } = await assembledDownload();
    await complete();
    const { key } = archiveOf(ball);
    for (const number of [1, 2]) {
      expect(await ask()).toEqual({
        kind: "archive",
        link: `https://archives.example.com/${key}?signature=${number}`,
      });
    }
    expect(signed).toEqual(
      [1, 2].map(() => ({ key, seconds: 900, contentDisposition: "attachment; filename=photos.zip" })),
    );
    const handedOut = Math.floor(clock.now().getTime() / 1000);
    expect(await assemblies.find(ball)).toMatchObject({ handedOutAtEpochSeconds: handedOut });
    expect(clock.pauses).toEqual([]);
  });

  test("is saved under the name the link asks for", async () => {
    const { ask, complete, signed } = await assembledDownload();
    await complete();
    await ask({ fileName: "my holiday.zip" });
    expect(signed).toMatchObject([{ contentDisposition: 'attachment; filename="my holiday.zip"' }]);
  });

  test("has no link that works longer than its own", async () => {
    const { ask, complete, signed, clock, ball } = await assembledDownload();
    await complete();
    await clock.pause(ball.expiresAtEpochSeconds * 1000 - clock.now().getTime() - 1, AbortSignal.any([]));
    await ask();
    expect(signed).toMatchObject([{ seconds: 1 }]);
    await clock.pause(1, AbortSignal.any([]));
    await expect(ask()).rejects.toMatchObject({ code: "ball-expired" });
  });

  test.each([
    [{ "if-none-match": '"5d41402a-2"' }, "not-modified"],
    [{ "if-none-match": "*" }, "not-modified"],
    [{ "if-modified-since": "Sun, 22 Nov 2026 12:00:00 GMT" }, "not-modified"],
    [{ "if-match": '"of another"' }, "precondition-failed"],
    [{ "if-unmodified-since": "Sun, 22 Nov 2026 11:59:59 GMT" }, "precondition-failed"],
    [{ range: "bytes=1000000-" }, "unsatisfiable"],
  ])("answers %o itself: %s, by what S3 says of the archive", async (headers, kind) => {
    const { ask, ball, complete, assemblies, signed } = await assembledDownload();
    await complete();
    const { key: _, ...archive } = archiveOf(ball);
    expect(await ask({ headers })).toEqual({
      kind: "headers",
      fileName: "photos.zip",
      archive: { ...archive, isReplacement: false },
      evaluation: { kind },
    });
    expect(signed).toEqual([]);
    expect((await assemblies.find(ball))?.handedOutAtEpochSeconds).toBeUndefined();
  });

  test.each([
    { range: "bytes=1-" },
    { range: "bytes=1-", "if-range": '"5d41402a-2"' },
    { range: "bytes=1-", "if-range": '"of another"' },
    { range: "bytes=1000000-", "if-range": '"of another"' },
    { "if-match": '"5d41402a-2"' },
    { "if-none-match": '"of another"' },
  ])("leaves %o to S3", async (headers) => {
    const { ask, complete } = await assembledDownload();
    await complete();
    expect(await ask({ headers })).toMatchObject({ kind: "archive" });
  });
});

describe("a ball whose archive is being made", () => {
  test.each([0, 1, 5, 22])(
    "is looked at every second; made ahead of look %i, it is handed out then",
    async (look) => {
      const { ask, begin, clock, complete } = await assembledDownload();
      await begin();
      clock.afterPause = (count) => (count === look ? complete() : undefined);
      if (look === 0) await complete();
      expect(await ask()).toMatchObject({ kind: "archive" });
      // Sooner at first, and the last time at the end.
      const pauses = [250, 500, ...Array.from({ length: 19 }, () => 1000), 250];
      expect(clock.pauses).toEqual(pauses.slice(0, look));
    },
  );

  test.each([0, 1, 7])(
    "asks to come again when turn %i is over, also before its assembly is begun",
    async (turn) => {
      const { ask, clock } = await assembledDownload();
      expect(await ask({ turn })).toEqual({ kind: "wait", turn: turn + 1 });
      expect(clock.heldMs).toBe(20_000);
    },
  );

  test("asks nobody to come again at once when the last turn is over", async () => {
    const { ask, clock } = await assembledDownload();
    await expect(ask({ turn: 8 })).rejects.toMatchObject(notReady);
    expect(clock.heldMs).toBe(20_000);
  });

  test("is handed out in the last turn, too", async () => {
    const { ask, clock, complete } = await assembledDownload();
    clock.afterPause = (count) => (count === 22 ? complete() : undefined);
    expect(await ask({ turn: 8 })).toMatchObject({ kind: "archive" });
  });

  test("holds none that are too many, and none where the stack holds none", async () => {
    const { ask, clock } = await assembledDownload();
    await expect(ask({}, { limiter: { admit: async () => false } })).rejects.toMatchObject(notReady);
    await expect(ask({}, { holdSeconds: 0 })).rejects.toMatchObject({ ...notReady, retryAfterSeconds: 5 });
    expect(clock.pauses).toEqual([]);
  });

  test("holds a request that can not be counted", async () => {
    const { ask, clock } = await assembledDownload();
    const admit = () => Promise.reject(new Error("DynamoDB is throttling"));
    expect(await ask({}, { limiter: { admit } })).toEqual({ kind: "wait", turn: 1 });
    expect(clock.heldMs).toBe(20_000);
  });

  test("counts none that need not be held", async () => {
    const { ask, complete } = await assembledDownload();
    const admit = vi.fn(async () => true);
    await complete();
    await ask({}, { limiter: { admit } });
    await ask({ method: "HEAD" }, { limiter: { admit } });
    expect(admit).not.toHaveBeenCalled();
  });

  test("is handed out as it was planned last", async () => {
    const { ask, ball, begin, store, manifest, clock, complete, assemblies } = await assembledDownload();
    await begin();
    const next = {
      ...ball,
      planNumber: 1,
      etag: '"another"',
      plannedAtEpochSeconds: ball.plannedAtEpochSeconds + 1,
    };
    clock.afterPause = async (count) => {
      if (count !== 3) return;
      const crc32s = await store.getCrc32s(ball);
      await complete(await store.replan(ball, next, manifest, crc32s), { key: "of another plan" });
    };
    expect(await ask()).toMatchObject({ kind: "archive", link: expect.stringContaining("of another plan") });
    expect((await assemblies.find(next))?.handedOutAtEpochSeconds).toBeDefined();
    expect((await assemblies.find(ball))?.handedOutAtEpochSeconds).toBeUndefined();
  });

  test("lets go of a reader who leaves", async () => {
    const { ask, clock } = await assembledDownload();
    const reader = new AbortController();
    clock.afterPause = (count) => {
      if (count === 2) reader.abort();
    };
    await expect(ask({ signal: reader.signal })).rejects.toThrow("aborted");
    expect(clock.pauses).toHaveLength(2);
  });

  test("has begun its download with the first request, which puts off its end", async () => {
    const now = Math.floor(Date.now() / 1000);
    const { ask, store, ball, clock } = await assembledDownload({
      expiresAtEpochSeconds: now + 10,
      lifetimeFromStartSeconds: 3600,
    });
    const begun = Math.floor(clock.now().getTime() / 1000);
    expect(await ask()).toEqual({ kind: "wait", turn: 1 });
    await ask({ turn: 1 });
    expect(await store.get(ball.ballId)).toMatchObject({
      startedAtEpochSeconds: begun,
      expiresAtEpochSeconds: begun + 3600,
    });
  });

  test("that expires meanwhile says so", async () => {
    const { ask } = await assembledDownload({ expiresAtEpochSeconds: Math.floor(Date.now() / 1000) + 10 });
    await expect(ask()).rejects.toMatchObject({ code: "ball-expired" });
  });
});

test.each([0, 3])("an assembly that fails after %i seconds is a failure of the request", async (seconds) => {
  const { ask, ball, begin, clock, assemblies } = await assembledDownload();
  await begin();
  const fail = () => assemblies.fail(ball, 1, '"a.txt" is gone', "the message");
  clock.afterPause = (count) => (count === seconds ? fail() : undefined);
  if (seconds === 0) await fail();
  await expect(ask()).rejects.toMatchObject({ code: "assembly-failed", message: /"a.txt" is gone/ });
  await expect(ask({ method: "HEAD" })).rejects.toMatchObject({ code: "assembly-failed" });
  expect(clock.pauses).toHaveLength(seconds);
});

describe("HEAD of a ball that is assembled", () => {
  test.each([
    ["stored", true],
    ["deflate", false],
  ] as const)(
    "says before the archive is made, %s, how long it will be: %s",
    async (compression, isKnown) => {
      const { ask, begin, ball, store, clock } = await assembledDownload({ compression });
      const lengthBytes = isKnown ? ball.lengthBytes : undefined;
      const outlook = { kind: "outlook", fileName: "photos.zip", lengthBytes };
      const headers = { "if-none-match": "*", range: "bytes=0-0" };
      expect(await ask({ method: "HEAD", headers })).toEqual(outlook);
      await begin();
      expect(await ask({ method: "HEAD", headers })).toEqual(outlook);
      expect(clock.pauses).toEqual([]);
      expect((await store.get(ball.ballId))?.startedAtEpochSeconds).toBeUndefined();
    },
  );

  test("is judged by S3's validators once there are some, and hands out nothing", async () => {
    const { ask, ball, complete, signed } = await assembledDownload({ compression: "deflate" });
    await complete(ball, { lengthBytes: 77 });
    expect(await ask({ method: "HEAD", fileName: "b.zip" })).toMatchObject({
      kind: "headers",
      fileName: "b.zip",
      archive: { etag: '"5d41402a-2"', lengthBytes: 77 },
      evaluation: { kind: "whole" },
    });
    const headers = { "if-none-match": '"5d41402a-2"' };
    expect(await ask({ method: "HEAD", headers })).toMatchObject({ evaluation: { kind: "not-modified" } });
    expect(signed).toEqual([]);
  });
});

describe("a ball that is streamed", () => {
  test("is answered with its bytes, by its own entity tag", async () => {
    const { ask, ball } = await assembledDownload({ delivery: "stream" });
    const delivery = await ask();
    expect(delivery).toMatchObject({
      kind: "bytes",
      archive: { etag: ball.etag, lengthBytes: ball.lengthBytes },
    });
    if (delivery.kind !== "bytes") return;
    expect((await drain(delivery.chunks)).bytes).toHaveLength(ball.lengthBytes);
  });

  test("is answered without bytes where none are asked for", async () => {
    const { ask, ball } = await assembledDownload({ delivery: "stream" });
    const headers = { "if-none-match": ball.etag };
    const unchanged = { kind: "headers", evaluation: { kind: "not-modified" } };
    expect(await ask({ headers })).toMatchObject(unchanged);
    expect(await ask({ headers, method: "HEAD" })).toMatchObject(unchanged);
    expect(await ask({ method: "HEAD" })).toMatchObject({ kind: "headers", evaluation: { kind: "whole" } });
  });
});

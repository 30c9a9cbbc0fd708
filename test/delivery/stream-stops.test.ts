import { describe, expect, test } from "vitest";
import { archiveOf, drain, settle, someBytes } from "./archive-of.ts";

const mebibyte = 1024 * 1024;
const windowBytes = 8 * mebibyte;
const limits = { windowBytes, connections: 256 };

describe("a reader that stops", () => {
  test("asks for nothing more", async () => {
    const archive = archiveOf(Array.from({ length: 40 }, () => ({ bytes: someBytes(mebibyte) })));
    const { chunks } = archive.stream({ limits });
    await chunks.next();
    await chunks.return();
    const asked = archive.sources.reads.length;
    await settle(archive.sources);
    expect(archive.sources.reads).toHaveLength(asked);
    expect(asked).toBeLessThanOrEqual(windowBytes / mebibyte + 1);
  });

  test("that has not begun asks for nothing at all", async () => {
    const archive = archiveOf([{ bytes: someBytes(1000) }]);
    await archive.stream().chunks.return();
    await settle(archive.sources);
    expect(archive.sources.reads).toEqual([]);
  });

  test("ends the reads under way by its signal", async () => {
    const archive = archiveOf(Array.from({ length: 40 }, () => ({ bytes: someBytes(mebibyte) })));
    const gone = new AbortController();
    const never = new Promise<void>(() => undefined);
    // The first chunk waits for as many as are asked for with it.
    const firstReads = windowBytes / mebibyte;
    archive.sources.beforeRead = ({ signal }, nth) =>
      nth <= firstReads
        ? undefined
        : Promise.race([
            never,
            new Promise<void>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
          ]);
    const { chunks } = archive.stream({ limits, signal: gone.signal });
    while (archive.sources.openReads === 0) await chunks.next();
    gone.abort();
    await settle(archive.sources);
    expect(archive.sources.openReads).toBe(0);
    const { error } = await drain(chunks);
    expect(error).toBe(gone.signal.reason);
  });

  test.each([
    [undefined, true],
    [1, true],
    [1, false],
    [50, false],
  ])(
    "ends the reads under way by stopping, wherever it does, with S3 %s ms away and CRC-32s known: %s",
    async (latencyMs, keepsCrc32) => {
      for (const stopsAfter of [1, 2, 3, 5, 8]) {
        const bytes = someBytes(3 * mebibyte);
        const archive = archiveOf(
          [...Array(3)].flatMap(() => [{ bytes, keepsCrc32 }, { bytes: bytes.subarray(0, 99) }]),
        );
        archive.sources.latencyMs = latencyMs;
        archive.sources.chunkBytes = 512 * 1024;
        const { chunks } = archive.stream({ limits });
        for (let taken = 0; taken < stopsAfter; taken += 1) await chunks.next();
        await chunks.return();
        await settle(archive.sources);
        expect(archive.sources.openReads).toBe(0);
      }
    },
  );

  test("stops the questions for CRC-32s that wait for their turn", async () => {
    const contents = Array.from({ length: 300 }, (_, index) => ({
      bytes: someBytes(100, index),
      keepsCrc32: false,
    }));
    const archive = archiveOf(contents);
    const gone = new AbortController();
    const range = { start: archive.layout.centralDirectoryOffset, end: archive.layout.lengthBytes };
    archive.sources.beforeRead = () => gone.abort();
    const { error } = await drain(archive.stream({ range, signal: gone.signal }).chunks);
    await settle(archive.sources);
    expect(error).toBe(gone.signal.reason);
    expect(archive.sources.reads.length).toBeLessThanOrEqual(4);
  });

  test("by a failure of one object, stops the questions of all others", async () => {
    const contents = Array.from({ length: 300 }, (_, index) => ({
      bytes: someBytes(100, index),
      keepsCrc32: false,
    }));
    const archive = archiveOf(contents);
    const range = { start: archive.layout.centralDirectoryOffset, end: archive.layout.lengthBytes };
    archive.sources.beforeRead = (_call, nth) => {
      if (nth === 1) throw new Error("broken");
    };
    const { error } = await drain(archive.stream({ range }).chunks);
    const asked = archive.sources.described.length;
    await settle(archive.sources);
    expect(error).toMatchObject({ cause: new Error("broken") });
    expect(archive.sources.described.length - asked).toBeLessThanOrEqual(4);
  });
});

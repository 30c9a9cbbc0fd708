import { describe, expect, test } from "vitest";
import { maxReadBytes } from "../../lambdas/ball/source.ts";
import type { ReadCall } from "../support/memory-sources.ts";
import { archiveOf, drain, someBytes } from "./archive-of.ts";

const mebibyte = 1024 * 1024;
const windowBytes = 8 * mebibyte;
const connections = 64;

const lengthOf = ({ range }: ReadCall) => range.end - range.start;

/** Lets everything run that can run without anybody reading. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe("a slow reader", () => {
  test.each([
    ["large objects", 10, 5 * mebibyte],
    ["objects of one read", 20, mebibyte],
    ["small objects", 3000, 10_000],
  ])("keeps no more than the window of %s in memory", async (_name, count, sizeBytes) => {
    const bytes = someBytes(sizeBytes);
    const archive = archiveOf(Array.from({ length: count }, () => ({ bytes })));
    let consumed = 0;
    let most = 0;
    const { chunks } = archive.stream();
    for await (const chunk of chunks) {
      await settle();
      const asked = archive.sources.reads.reduce((sum, call) => sum + lengthOf(call), 0);
      // Headers come between: what was consumed is at least that many bytes of data and headers.
      most = Math.max(most, asked - consumed);
      consumed += chunk.length;
      if (consumed > 3 * windowBytes) break;
    }
    expect(most).toBeLessThanOrEqual(windowBytes + 64 * 1024);
    expect(most).toBeGreaterThan(windowBytes / 4);
    expect(archive.sources.mostOpenReads).toBeLessThanOrEqual(connections);
  });

  test("does not make large objects a single read", async () => {
    const archive = archiveOf([{ bytes: someBytes(3 * maxReadBytes + 1) }]);
    await drain(archive.stream().chunks);
    expect(archive.sources.reads.map(lengthOf)).toEqual([maxReadBytes, maxReadBytes, maxReadBytes, 1]);
  });
});

describe("connections", () => {
  test("are as many as may be for small objects, and never more", async () => {
    const archive = archiveOf(Array.from({ length: 500 }, (_, index) => ({ bytes: someBytes(100, index) })));
    await drain(archive.stream().chunks);
    expect(archive.sources.mostOpenReads).toBe(connections);
  });

  test("one slow object stalls no other: they are read while it is waited for", async () => {
    const archive = archiveOf(Array.from({ length: 500 }, (_, index) => ({ bytes: someBytes(1000, index) })));
    const slow = Promise.withResolvers<void>();
    archive.sources.beforeRead = ({ key }) => (key === "in/entry-0" ? slow.promise : undefined);
    const drained = drain(archive.stream().chunks);
    await settle();
    expect(archive.sources.reads).toHaveLength(500);
    expect(archive.sources.openReads).toBe(1);
    slow.resolve();
    expect((await drained).bytes.equals(archive.reference.bytes())).toBe(true);
  });
});

describe("the first chunk", () => {
  test.each([
    ["large objects", 10, 5 * mebibyte],
    ["small objects", 500, 10_000],
  ])(
    "of %s takes one round trip of reads: it waits for those begun at once, and for no other",
    async (_name, count, sizeBytes) => {
      const bytes = someBytes(sizeBytes);
      const archive = archiveOf(Array.from({ length: count }, () => ({ bytes })));
      const roundTrip = Promise.withResolvers<void>();
      const never = new Promise<void>(() => undefined);
      let begun = 0;
      archive.sources.beforeRead = (_call, nth) => (begun === 0 || nth <= begun ? roundTrip.promise : never);
      const { chunks } = archive.stream();
      const first = chunks.next();
      await settle();
      begun = archive.sources.reads.length;
      expect(begun).toBe(Math.min(connections, Math.floor(windowBytes / Math.min(sizeBytes, maxReadBytes))));
      roundTrip.resolve();
      expect((await first).done).toBe(false);
    },
  );
});

describe("a reader that stops", () => {
  test("asks for nothing more", async () => {
    const archive = archiveOf(Array.from({ length: 40 }, () => ({ bytes: someBytes(mebibyte) })));
    const { chunks } = archive.stream();
    await chunks.next();
    await chunks.return();
    const asked = archive.sources.reads.length;
    await settle();
    expect(archive.sources.reads).toHaveLength(asked);
    expect(asked).toBeLessThanOrEqual(windowBytes / mebibyte + 1);
  });

  test("that has not begun asks for nothing at all", async () => {
    const archive = archiveOf([{ bytes: someBytes(1000) }]);
    await archive.stream().chunks.return();
    await settle();
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
    const { chunks } = archive.stream({ signal: gone.signal });
    while (archive.sources.openReads === 0) await chunks.next();
    gone.abort();
    await settle();
    expect(archive.sources.openReads).toBe(0);
    const { error } = await drain(chunks);
    expect(error).toBe(gone.signal.reason);
  });

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
    await settle();
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
    await settle();
    expect(error).toEqual(new Error("broken"));
    expect(archive.sources.described.length - asked).toBeLessThanOrEqual(4);
  });
});

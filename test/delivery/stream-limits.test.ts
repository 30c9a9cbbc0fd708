import { describe, expect, test } from "vitest";
import { readBufferBytes } from "../../lambdas/ball/source.ts";
import { limitsFor } from "../../lambdas/delivery/stream-limits.ts";
import { dataOffset } from "../../lambdas/layout/layout.ts";
import type { ReadCall } from "../support/memory-sources.ts";
import { archiveOf, drain, settle, someBytes } from "./archive-of.ts";

const mebibyte = 1024 * 1024;
const windowBytes = 8 * mebibyte;
/** Of before the first answer. */
const firstConnections = 32;
const mostConnections = 256;
const limits = { windowBytes, connections: mostConnections };

const lengthOf = ({ range }: ReadCall) => range.end - range.start;

test.each([
  [undefined, 12, 256],
  [128, 4, 64],
  [511, 4, 64],
  [512, 12, 256],
  [10_240, 12, 256],
])(
  "a process of %s MiB reads at most %i MiB ahead, on %i connections",
  (memoryMib, windowMib, connections) => {
    expect(limitsFor(memoryMib)).toEqual({ windowBytes: windowMib * mebibyte, connections });
  },
);

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
    const { chunks } = archive.stream({ limits });
    for await (const chunk of chunks) {
      await settle(archive.sources);
      const asked = archive.sources.reads.reduce((sum, call) => sum + lengthOf(call), 0);
      // Headers come between: what was consumed is at least that many bytes of data and headers.
      most = Math.max(most, asked - consumed);
      consumed += chunk.length;
      if (consumed > 3 * windowBytes) break;
    }
    expect(most).toBeLessThanOrEqual(windowBytes + 64 * 1024);
    expect(most).toBeGreaterThan(windowBytes / 4);
    expect(archive.sources.mostOpenReads).toBeLessThanOrEqual(firstConnections);
  });

  test.each([
    [undefined, 5 * mebibyte, 10],
    [1, 5 * mebibyte, 10],
    [50, 5 * mebibyte, 10],
    [1, 1.5 * mebibyte, 20],
    [1, 10_000, 3000],
    [50, 10_000, 3000],
  ])(
    "makes reads pause: with S3 %s ms away, objects of %i bytes hold no more than the window",
    async (latencyMs, sizeBytes, count) => {
      const bytes = someBytes(sizeBytes);
      const archive = archiveOf(Array.from({ length: count }, () => ({ bytes })));
      archive.sources.latencyMs = latencyMs;
      archive.sources.chunkBytes = 256 * 1024;
      let consumed = 0;
      for await (const chunk of archive.stream({ limits }).chunks) {
        await settle(archive.sources);
        consumed += chunk.length;
        if (consumed > 2 * windowBytes) break;
      }
      expect(archive.sources.mostHeldBytes).toBeLessThanOrEqual(windowBytes);
      expect(archive.sources.mostHeldBytes).toBeGreaterThan(windowBytes / 4);
    },
  );

  test("of a near S3 has no body opened long before its turn", async () => {
    const bytes = someBytes(20 * mebibyte);
    const archive = archiveOf(Array.from({ length: 3 }, () => ({ bytes })));
    archive.sources.latencyMs = 1;
    archive.sources.chunkBytes = 512 * 1024;
    let consumed = 0;
    for await (const chunk of archive.stream({ limits }).chunks) {
      await settle(archive.sources);
      const opened = archive.sources.reads.length;
      // The next is opened when its first bytes have room in the window, behind the last ones of this.
      expect((opened - 1) * bytes.length - consumed).toBeLessThanOrEqual(windowBytes);
      consumed += chunk.length;
    }
    expect(archive.sources.reads.map(lengthOf)).toEqual(Array(3).fill(bytes.length));
  });

  test("keeps not too many tiny objects, either: each takes memory of its own", async () => {
    const archive = archiveOf(Array.from({ length: 3000 }, (_, index) => ({ bytes: someBytes(10, index) })));
    const { chunks } = archive.stream({ limits: { ...limits, windowBytes: 4 * mebibyte } });
    const { value: first } = await chunks.next();
    await settle(archive.sources);
    // Each has a header of more than 40 bytes.
    const mostTaken = (first?.length ?? 0) / 50;
    expect(archive.sources.reads.length).toBeLessThanOrEqual(1024 + mostTaken);
    expect(archive.sources.reads.length).toBeGreaterThan(512);
  });

  test("has not too many CRC-32s asked for ahead of its turn", async () => {
    const archive = archiveOf(Array.from({ length: 4000 }, (_, index) => ({ bytes: someBytes(10, index) })));
    const range = { start: archive.layout.centralDirectoryOffset, end: archive.layout.lengthBytes };
    const crc32s = archive.nothingKnown;
    const { chunks } = archive.stream({ range, crc32s, limits: { ...limits, windowBytes: 4 * mebibyte } });
    await chunks.next();
    await settle(archive.sources);
    // Those of one step of headers, or two.
    expect(archive.sources.described.length).toBeLessThanOrEqual(2048);
  });

  test.each([[undefined], [50]])(
    "does not make large objects a single read with S3 %s ms away",
    async (latencyMs) => {
      const archive = archiveOf([{ bytes: someBytes(3 * readBufferBytes + 1) }]);
      archive.sources.latencyMs = latencyMs;
      await drain(archive.stream().chunks);
      expect(archive.sources.reads.map(lengthOf)).toEqual([
        readBufferBytes,
        readBufferBytes,
        readBufferBytes,
        1,
      ]);
    },
  );
});

describe("connections", () => {
  test.each([
    [undefined, firstConnections],
    [1, firstConnections],
    [10, 160],
    [50, mostConnections],
  ])("with S3 %s ms away are %i for small objects, and never more", async (latencyMs, connections) => {
    const archive = archiveOf(Array.from({ length: 1000 }, (_, index) => ({ bytes: someBytes(100, index) })));
    archive.sources.latencyMs = latencyMs;
    await drain(archive.stream().chunks);
    expect(archive.sources.mostOpenReads).toBe(connections);
  });

  test("are as many as the distance asks for as soon as it is known", async () => {
    const archive = archiveOf(Array.from({ length: 1000 }, (_, index) => ({ bytes: someBytes(100, index) })));
    const { sources } = archive;
    const mostOpen: number[] = [];
    sources.beforeRead = (_call, nth) => {
      mostOpen[nth] = sources.openReads;
      if (nth === firstConnections) sources.latencyMs = 50;
    };
    await drain(archive.stream().chunks);
    expect(Math.max(...mostOpen.slice(1, firstConnections + 1))).toBe(firstConnections);
    expect(sources.mostOpenReads).toBe(mostConnections);
  });

  test("are four more behind each read that ended, and not all at once", async () => {
    const archive = archiveOf(Array.from({ length: 1000 }, (_, index) => ({ bytes: someBytes(100, index) })));
    const { sources } = archive;
    sources.latencyMs = 50;
    sources.beforeRead = () => {
      const ended = sources.reads.length - sources.openReads;
      expect(sources.openReads).toBeLessThanOrEqual(firstConnections + 4 * ended);
    };
    expect((await drain(archive.stream({ limits }).chunks)).error).toBeUndefined();
  });

  test.each([1, 7, 64])("are never more than %i, where that is the limit", async (connections) => {
    const archive = archiveOf(Array.from({ length: 300 }, (_, index) => ({ bytes: someBytes(100, index) })));
    archive.sources.latencyMs = 50;
    const { bytes } = await drain(archive.stream({ limits: { windowBytes, connections } }).chunks);
    expect(bytes.equals(archive.reference.bytes())).toBe(true);
    expect(archive.sources.mostOpenReads).toBe(connections);
  });

  test("one slow object stalls no other: they are read while it is waited for", async () => {
    const archive = archiveOf(Array.from({ length: 500 }, (_, index) => ({ bytes: someBytes(1000, index) })));
    const slow = Promise.withResolvers<void>();
    archive.sources.beforeRead = ({ key }) => (key === "in/entry-0" ? slow.promise : undefined);
    const drained = drain(archive.stream({ limits }).chunks);
    while (archive.sources.reads.length < 500 || archive.sources.openReads > 1) await settle(archive.sources);
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
      const { chunks } = archive.stream({ limits });
      const first = chunks.next();
      await settle(archive.sources);
      begun = archive.sources.reads.length;
      const inWindow = Math.floor(windowBytes / Math.min(sizeBytes, readBufferBytes));
      expect(begun).toBe(Math.min(firstConnections, inWindow));
      roundTrip.resolve();
      expect((await first).done).toBe(false);
    },
  );

  test.each([undefined, 1, 50])(
    "and all that has come go out while the next body has not: nothing waits for it, with S3 %s ms away",
    async (latencyMs) => {
      const archive = archiveOf(
        [2000, 10, 3000, 10].map((size, index) => ({ bytes: someBytes(size, index) })),
      );
      archive.sources.latencyMs = latencyMs;
      archive.sources.chunkBytes = 1000;
      const gates = new Map<string, PromiseWithResolvers<void>>();
      for (const gate of ["0 0", "0 1000", "2 1000"]) gates.set(gate, Promise.withResolvers());
      archive.sources.beforeChunk = ({ key }, offset) => gates.get(`${key.at(-1)} ${offset}`)?.promise;
      let receivedBytes = 0;
      const received = (async () => {
        for await (const chunk of archive.stream().chunks) receivedBytes += chunk.length;
      })();
      const open = async (gate: string) => {
        gates.get(gate)?.resolve();
        await settle(archive.sources);
        return receivedBytes;
      };
      const { layout } = archive;
      expect(await open("none")).toBe(dataOffset(layout, 0));
      expect(await open("0 0")).toBe(dataOffset(layout, 0) + 1000);
      expect(await open("0 1000")).toBe(dataOffset(layout, 2) + 1000);
      expect(await open("2 1000")).toBe(layout.lengthBytes);
      await received;
    },
  );

  test("goes out when all are answered, though no body has come", async () => {
    const archive = archiveOf(Array.from({ length: 40 }, (_, index) => ({ bytes: someBytes(100, index) })));
    const never = new Promise<void>(() => undefined);
    archive.sources.beforeChunk = () => never;
    const { chunks } = archive.stream();
    expect((await chunks.next()).value).toHaveLength(dataOffset(archive.layout, 0));
  });

  test("that nobody can be told of any more comes as the reason for which the reader left", async () => {
    const archive = archiveOf(Array.from({ length: 40 }, (_, index) => ({ bytes: someBytes(100, index) })));
    const gone = new AbortController();
    const never = new Promise<void>(() => undefined);
    archive.sources.beforeRead = () => never;
    const drained = drain(archive.stream({ signal: gone.signal }).chunks);
    await settle(archive.sources);
    gone.abort(new Error("the reader left"));
    expect(await drained).toEqual({ bytes: Buffer.alloc(0), error: gone.signal.reason });
    expect(archive.sources.openReads).toBe(0);
  });
});

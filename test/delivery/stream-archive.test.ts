import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { readBufferBytes } from "../../lambdas/ball/source.ts";
import { centralHeaderOffset, dataOffset, localHeaderOffset } from "../../lambdas/layout/layout.ts";
import { archiveOf, drain, someBytes } from "./archive-of.ts";

const small = { bytes: someBytes(1000, 1) };
const empty = { bytes: someBytes(0) };
const medium = { bytes: someBytes(100_000, 2) };
const large = { bytes: someBytes(2 * readBufferBytes + 12_345, 3) };

const unknown = (content: { bytes: Uint8Array }) => ({ ...content, keepsCrc32: false });

/** First bytes that take so many milliseconds: of nothing that is known yet, of a near S3, and of a distant one. */
const distances = [undefined, 1, 50];

describe("bytes", () => {
  const archive = archiveOf([small, empty, medium, large, empty, small]);
  const bytes = archive.reference.bytes();

  test.each(distances)("the whole archive is what its layout says, with S3 %s ms away", async (latencyMs) => {
    archive.sources.latencyMs = latencyMs;
    expect((await drain(archive.stream().chunks)).bytes.equals(bytes)).toBe(true);
  });

  test("neither the chunks they come in nor the window change them, known CRC-32s or not", async () => {
    const distance = fc.constantFrom(...distances);
    const chunkBytes = fc.integer({ min: 500, max: 3_000_000 });
    const windowBytes = fc.integer({ min: 1, max: 4_000_000 });
    await fc.assert(
      fc.asyncProperty(
        distance,
        chunkBytes,
        windowBytes,
        fc.boolean(),
        async (latencyMs, size, window, isKnown) => {
          const contents = [small, empty, medium, large, empty, small];
          const cut = archiveOf(isKnown ? contents : contents.map(unknown));
          Object.assign(cut.sources, { latencyMs, chunkBytes: size });
          const { bytes: found, error } = await drain(
            cut.stream({ limits: { windowBytes: window, connections: 4 } }).chunks,
          );
          expect(error).toBeUndefined();
          expect(found.equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });

  test.each([
    ["known", true],
    ["unknown", false],
  ])("any single byte is that byte of the whole, with CRC-32s %s", async (_name, isKnown) => {
    const contents = [{ bytes: someBytes(5, 1) }, empty, { bytes: someBytes(1, 2) }, empty];
    const few = archiveOf(isKnown ? contents : contents.map(unknown));
    const crc32s = isKnown ? few.known : few.nothingKnown;
    const whole = few.reference.bytes();
    for (let start = 0; start < whole.length; start += 1) {
      const { bytes: found, error } = await drain(
        few.stream({ range: { start, end: start + 1 }, crc32s }).chunks,
      );
      expect([error, found]).toEqual([undefined, whole.subarray(start, start + 1)]);
    }
  });

  test("of no range at all are none, and nothing is asked for", async () => {
    const { chunks } = archive.stream({ range: { start: 77, end: 77 } });
    const asked = archive.sources.reads.length;
    expect(await drain(chunks)).toEqual({ bytes: Buffer.alloc(0), error: undefined });
    expect(archive.sources.reads).toHaveLength(asked);
  });

  test("any range is that part of the whole, whatever is known of CRC-32s", async () => {
    const { lengthBytes } = archive.layout;
    const point = fc.oneof(
      fc.nat(lengthBytes),
      fc.constantFrom(...archive.layout.localHeaderOffsets, ...archive.layout.centralHeaderOffsets),
    );
    const knownEntries = fc.uniqueArray(fc.nat(5));
    await fc.assert(
      fc.asyncProperty(point, point, knownEntries, async (one, other, entries) => {
        const range = { start: Math.min(one, other), end: Math.max(one, other) };
        const crc32s = new Crc32Column(6);
        for (const entry of entries) crc32s.set(entry, archive.known.get(entry) ?? 0);
        const { bytes: found, error } = await drain(archive.stream({ range, crc32s }).chunks);
        expect(error).toBeUndefined();
        expect(found.equals(bytes.subarray(range.start, range.end))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("an archive of a great many small entries is the same in any two halves", async () => {
    const many = archiveOf(
      Array.from({ length: 3000 }, (_, index) => ({ bytes: someBytes(index % 7, index) })),
    );
    const whole = many.reference.bytes();
    for (const cut of [0, 1, 29, 30, 5000, whole.length - 1, whole.length]) {
      const first = await drain(many.stream({ range: { start: 0, end: cut } }).chunks);
      const second = await drain(many.stream({ range: { start: cut, end: whole.length } }).chunks);
      expect(Buffer.concat([first.bytes, second.bytes]).equals(whole)).toBe(true);
    }
  });
});

describe("CRC-32s that are not known", () => {
  test("come from the bytes that are sent anyway, without another read", async () => {
    const archive = archiveOf([small, medium, small].map(unknown));
    const { chunks, learned } = archive.stream();
    expect((await drain(chunks)).bytes.equals(archive.reference.bytes())).toBe(true);
    expect(archive.sources.reads).toHaveLength(3);
    expect(archive.sources.described).toEqual([]);
    expect([0, 1, 2].map((entry) => learned.get(entry))).toEqual(
      [0, 1, 2].map((entry) => archive.reference.crc32Of(entry)),
    );
  });

  test("come from the bytes of a body from whose first or to whose last byte the range goes", async () => {
    const archive = archiveOf([medium, small].map(unknown));
    const { layout, sources, reference } = archive;
    const toLast = { start: 0, end: dataOffset(layout, 0) + medium.bytes.length };
    const fromFirst = { start: dataOffset(layout, 0), end: layout.lengthBytes };
    for (const [range, readCount] of [
      [toLast, 1],
      [fromFirst, 2],
    ] as const) {
      const readBefore = sources.reads.length;
      expect((await drain(archive.stream({ range }).chunks)).bytes.equals(reference.bytes(range))).toBe(true);
      expect([sources.reads.length - readBefore, sources.described]).toEqual([readCount, []]);
    }
  });

  test("come from what S3 tells, where only the central directory is asked for", async () => {
    const archive = archiveOf([small, empty, large]);
    const range = { start: archive.layout.centralDirectoryOffset, end: archive.layout.lengthBytes };
    const { chunks, learned } = archive.stream({ range, crc32s: archive.nothingKnown });
    const { bytes } = await drain(chunks);
    expect(bytes.equals(archive.reference.bytes(range))).toBe(true);
    expect(archive.sources.reads).toEqual([]);
    expect(learned.get(2)).toBe(archive.reference.crc32Of(2));
  });

  test("come from reading the object, where S3 tells none and the range has no data of it", async () => {
    const archive = archiveOf([small, large].map(unknown));
    const range = { start: centralHeaderOffset(archive.layout, 1) + 3, end: archive.layout.lengthBytes };
    const { chunks } = archive.stream({ range });
    expect((await drain(chunks)).bytes.equals(archive.reference.bytes(range))).toBe(true);
    expect(new Set(archive.sources.reads.map(({ key }) => key))).toEqual(new Set(["in/entry-1"]));
  });

  test.each([
    ["one byte of a header", 0, 1],
    ["a header and half of its data", 0, 600],
    ["a header and all of its data but the last byte", 0, 1000 + 30 + 7 + 9 - 1],
    ["half of the data and the rest of the archive", 600, 5000],
  ])("are learned for %s", async (_name, start, longest) => {
    const archive = archiveOf([small, empty, small].map(unknown));
    const range = { start, end: Math.min(longest, archive.layout.lengthBytes) };
    const { bytes, error } = await drain(archive.stream({ range }).chunks);
    expect(error).toBeUndefined();
    expect(bytes.equals(archive.reference.bytes(range))).toBe(true);
  });

  test("are not asked for where the range has nothing but data", async () => {
    const archive = archiveOf([medium].map(unknown));
    const start = dataOffset(archive.layout, 0) + 10;
    await drain(archive.stream({ range: { start, end: start + 1000 } }).chunks);
    expect(archive.sources.reads.map(({ range }) => range)).toEqual([{ start: 10, end: 1010 }]);
    expect(archive.sources.described).toEqual([]);
  });

  test("are learned from an object of several reads before its header leaves", async () => {
    const archive = archiveOf([unknown(large)]);
    const { chunks, learned } = archive.stream();
    expect((await drain(chunks)).bytes.equals(archive.reference.bytes())).toBe(true);
    expect(learned.get(0)).toBe(archive.reference.crc32Of(0));
  });

  test("of empty entries need no question, even when nothing is known of the ball", async () => {
    const archive = archiveOf([empty, empty]);
    const { bytes } = await drain(archive.stream({ crc32s: archive.nothingKnown }).chunks);
    expect(bytes.equals(archive.reference.bytes())).toBe(true);
  });
});

describe("data in the manifest", () => {
  const note = { bytes: Buffer.from("some files are not here"), isInline: true };

  test.each([
    ["known", true],
    ["unknown", false],
  ])("is an entry as any other, in whole and in part, with CRC-32s %s", async (_name, isKnown) => {
    const archive = archiveOf([small, note, { ...note, bytes: Buffer.alloc(0) }, small]);
    const whole = archive.reference.bytes();
    const crc32s = isKnown ? archive.known : archive.nothingKnown;
    const ends = [localHeaderOffset(archive.layout, 1), dataOffset(archive.layout, 1) + 4, whole.length];
    for (const start of [0, ...ends]) {
      for (const end of ends.filter((one) => one >= start)) {
        const { bytes, error } = await drain(archive.stream({ range: { start, end }, crc32s }).chunks);
        expect([error, bytes.equals(whole.subarray(start, end))]).toEqual([undefined, true]);
      }
    }
    expect(new Set(archive.sources.reads.map(({ key }) => key))).toEqual(
      new Set(["in/entry-0", "in/entry-3"]),
    );
  });
});

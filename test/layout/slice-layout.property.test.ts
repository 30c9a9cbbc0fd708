import fc from "fast-check";
import { expect, test } from "vitest";
import { isHeaderSlice, writeSlice } from "../../lambdas/layout/encode-slice.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { rangeOfSegment } from "../../lambdas/layout/segment.ts";
import { sliceLayout } from "../../lambdas/layout/slice-layout.ts";
import { fakeSource } from "./fake-source.ts";
import { file, TestArchive } from "./test-archive.ts";

const archives = fc
  .array(
    fc.record({
      text: fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
      content: fc.uint8Array({ maxLength: 200 }),
      mtimeEpochSeconds: fc.integer({ min: -1, max: 2 ** 33 }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map(
    (entries) =>
      new TestArchive(entries.map((it) => file(`${it.text}.txt`, it.content, it.mtimeEpochSeconds))),
  );

/** An archive and `count` growing positions in it, its borders among the likely ones. */
function cutArchives(count: number) {
  return archives.chain((archive) => {
    const { layout } = archive;
    const border = fc.constantFrom(
      ...layout.localHeaderOffsets,
      ...layout.centralHeaderOffsets,
      layout.lengthBytes,
    );
    const position = fc.oneof(fc.integer({ min: 0, max: layout.lengthBytes }), border);
    const cuts = fc.array(position, { minLength: count, maxLength: count });
    return fc.record({
      archive: fc.constant(archive),
      cuts: cuts.map((all) => all.toSorted((a, b) => a - b)),
    });
  });
}

/** Entries of any size, from nothing to many times 4 GiB. */
const numbers = fc.array(
  fc.record({
    sizeBytes: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 2 ** 20 }),
      fc.integer({ min: 2 ** 31, max: 2 ** 40 }),
    ),
    nameLengthBytes: fc.integer({ min: 1, max: 1024 }),
    mtimeEpochSeconds: fc.integer({ min: -1, max: 2 ** 33 }),
  }),
  { minLength: 1, maxLength: 50 },
);

test("segments are non-empty, touch each other and cover the archive, whatever the sizes", () => {
  fc.assert(
    fc.property(numbers, (entries) => {
      const layout = planLayout(
        fakeSource({
          entryCount: entries.length,
          sizeBytes: (entry) => entries[entry]?.sizeBytes ?? 0,
          nameLengthBytes: (entry) => entries[entry]?.nameLengthBytes ?? 0,
          mtimeEpochSeconds: (entry) => entries[entry]?.mtimeEpochSeconds ?? 0,
        }),
      );
      let offset = 0;
      for (const slice of sliceLayout(layout, { start: 0, end: layout.lengthBytes })) {
        const segment = rangeOfSegment(layout, slice);
        expect(segment.start).toBe(offset);
        expect(slice).toMatchObject({ start: 0, end: segment.end - segment.start });
        expect(slice.end).toBeGreaterThan(0);
        offset = segment.end;
        if (!isHeaderSlice(slice)) continue;
        const target = new Uint8Array(slice.end);
        expect(writeSlice(layout, slice, target, 0, () => 0xffffffff)).toBe(slice.end);
      }
      expect(offset).toBe(layout.lengthBytes);
    }),
  );
});

test("slices of any split, put together, are the whole archive", () => {
  fc.assert(
    fc.property(cutArchives(5), ({ archive, cuts }) => {
      const borders = [0, ...cuts, archive.layout.lengthBytes];
      const pieces = borders.slice(1).map((end, index) => archive.bytes({ start: borders[index] ?? 0, end }));
      expect(Buffer.concat(pieces).equals(archive.bytes())).toBe(true);
    }),
  );
});

test("slice(a, b) + slice(b, c) = slice(a, c), and every slice has its range's length", () => {
  fc.assert(
    fc.property(cutArchives(3), ({ archive, cuts: [a = 0, b = 0, c = 0] }) => {
      const left = archive.bytes({ start: a, end: b });
      const right = archive.bytes({ start: b, end: c });
      expect(left.length).toBe(b - a);
      expect(Buffer.concat([left, right]).equals(archive.bytes({ start: a, end: c }))).toBe(true);
    }),
  );
});

test("CRC-32s change bytes, but no length and no offset", () => {
  fc.assert(
    fc.property(archives, fc.integer({ min: 1, max: 0xffffffff }), ({ layout }, crc32) => {
      for (const slice of sliceLayout(layout, { start: 0, end: layout.lengthBytes })) {
        if (!isHeaderSlice(slice)) continue;
        const target = new Uint8Array(slice.end);
        expect(writeSlice(layout, slice, target, 0, () => crc32)).toBe(target.length);
      }
    }),
  );
});

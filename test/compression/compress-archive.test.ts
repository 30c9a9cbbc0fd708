import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { BallError } from "../../lambdas/ball/errors.ts";
import { assignEntryNames } from "../../lambdas/naming/entry-names.ts";
import { type Content, drain, settle, someBytes } from "../delivery/archive-of.ts";
import { compressed, compressible, contentsOf } from "./archived.ts";

const MiB = 1024 * 1024;
const text = (length: number) => Buffer.alloc(length, "what deflate makes short, again and again; ");

test("what goes in comes out, whatever its length, its type and whether the manifest has it", async () => {
  const content: fc.Arbitrary<Omit<Content, "name">> = fc.record({
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 0, max: 300_000 }).map((length) => someBytes(length)),
      fc.integer({ min: 0, max: 300_000 }).map((length) => text(length)),
    ),
    isInline: fc.boolean(),
    keepsCrc32: fc.boolean(),
  });
  const contents = fc.array(fc.tuple(content, fc.constantFrom("txt", "JPG", "mp4", "d/e", "日本")), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(contents, async (tuples) => {
      const given = tuples.map(([one, end], index) => ({ ...one, name: `${index}.${end}` }));
      const expected = given.map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes) }));
      expect(await contentsOf(await compressed(given))).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});

test("names that a manifest may have stay as they are", async () => {
  const names = fc.uniqueArray(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.constantFrom("a:b", "../x", "a\\b", "//a", "c:/d"),
    ),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(names, async (asked) => {
      const objects = {
        count: asked.length,
        nameOf: (index: number) => asked[index] ?? "",
        sizeBytes: () => 1,
      };
      const { renamed, dropped } = assignEntryNames(objects);
      const kept = asked.flatMap((name, index) => (dropped.has(index) ? [] : [renamed.get(index) ?? name]));
      const zip = await compressed(kept.map((name) => ({ name, bytes: Buffer.from("x") })));
      expect((await contentsOf(zip)).map(({ name }) => name)).toEqual(kept);
    }),
    { numRuns: 60 },
  );
});

test("bodies too long to be held whole come out as well, deflated or stored", async () => {
  const bodies = [someBytes(9 * MiB, 1), text(9 * MiB), someBytes(8 * MiB, 2)];
  const contents = bodies.map((bytes, index) => ({ name: `${index}.${index === 1 ? "txt" : "mp4"}`, bytes }));
  const zip = await compressed(contents);
  expect(zip.length).toBeLessThan(18 * MiB);
  for (const [index, { bytes }] of (await contentsOf(zip)).entries())
    expect(Buffer.compare(bytes, bodies[index] ?? Buffer.alloc(0))).toBe(0);
});

test("progress is told in bytes of sources and in selected files, up to all of them", async () => {
  const { compress } = compressible([
    { name: "d/", bytes: Buffer.alloc(0) },
    { name: "d/a", bytes: text(300_000) },
    { name: "empty", bytes: Buffer.alloc(0) },
    { name: "note", bytes: text(30), isInline: true },
  ]);
  const told: [number, number][] = [];
  await drain(compress({ onProgress: (...done) => told.push(done) }).chunks);
  expect(told.toSorted(([one], [other]) => one - other)).toEqual(told);
  expect(told.length).toBeGreaterThan(5);
  expect(told.at(-1)).toEqual([300_030, 2]);
});

test("CRC-32s that were not known are learned", async () => {
  const { compress, nothingKnown } = compressible([{ bytes: text(10) }, { bytes: someBytes(70_000) }]);
  const { chunks, learned } = compress({ crc32s: nothingKnown });
  await drain(chunks);
  expect([learned.get(0), learned.get(1)]).toEqual([crc32(text(10)), crc32(someBytes(70_000))]);
});

describe("nobody takes for a zip what breaks off", () => {
  const contents = ["a.txt", "b.jpg", "c.txt", "d.mp4"].map((name, index) => ({
    name,
    bytes: index === 3 ? someBytes(9 * MiB) : someBytes(200_000, index),
  }));
  const expectBroken = async (
    archive: ReturnType<typeof compressible>,
    expected: unknown,
    more: Parameters<typeof archive.compress>[0] = {},
  ) => {
    const { chunks, refuted } = archive.compress(more);
    const { bytes, error } = await drain(chunks);
    expect(error).toEqual(expected);
    await expect(contentsOf(bytes)).rejects.toThrow();
    await settle(archive.sources);
    expect(archive.sources.openReads).toBe(0);
    return [...refuted];
  };

  test.each([0, 1, 2, 3])("when source %i is another by now", async (index) => {
    const archive = compressible(contents);
    archive.sources.put(`in/${contents[index]?.name}`, "another");
    await expectBroken(archive, expect.objectContaining({ code: "source-changed" }));
  });

  test.each([0, 1, 2, 3])("when a read of source %i fails in its middle", async (index) => {
    const archive = compressible(contents);
    archive.sources.beforeChunk = ({ key }, offset) => {
      if (key === `in/${contents[index]?.name}` && offset > 100_000)
        throw new BallError("source-unreadable", "S3 goes on failing");
    };
    await expectBroken(archive, expect.objectContaining({ code: "source-unreadable" }));
  });

  test.each([0, 1, 3])("when the bytes of source %i have another CRC-32 than was told", async (index) => {
    const archive = compressible(contents);
    const told = new Crc32Column(contents.length);
    told.set(index, 1);
    const broken = expect.objectContaining({
      code: "source-corrupt",
      message: expect.stringContaining("but 00000001 was expected"),
    });
    expect(await expectBroken(archive, broken, { crc32s: told })).toEqual([index]);
  });

  test.each([
    [0, 199_999, "gave only 199999 bytes where 200000 were pinned"],
    [3, 0, "gave only 0 bytes where 9437184 were pinned"],
  ])("when source %i gives %i bytes", async (index, length, words) => {
    const archive = compressible(contents);
    archive.sources.corrupt(`in/${contents[index]?.name}`, someBytes(length, index));
    const broken = { code: "source-corrupt", message: expect.stringContaining(words) };
    await expectBroken(archive, expect.objectContaining(broken), { crc32s: archive.nothingKnown });
  });

  test("when it is aborted, with the reason, whatever that is", async () => {
    for (const reason of [new Error("no longer wanted"), "no error at all"]) {
      const archive = compressible(contents);
      const over = new AbortController();
      archive.sources.beforeChunk = ({ key }) => {
        if (key === "in/c.txt") over.abort(reason);
      };
      await expectBroken(archive, reason, { signal: over.signal });
    }
  });

  test("when nobody takes any more of it", async () => {
    const archive = compressible(contents);
    for await (const chunk of archive.compress().chunks) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await settle(archive.sources);
    expect(archive.sources.openReads).toBe(0);
  });
});

test("of a source that is gone, others that are gone are known as well", async () => {
  const { sources, compress } = compressible(Array.from({ length: 20 }, () => ({ bytes: text(1000) })));
  for (const gone of [3, 9, 15]) sources.put(`in/entry-${gone}`, "another");
  const { error } = await drain(compress().chunks);
  expect(error).toMatchObject({ code: "source-changed", place: { key: "in/entry-3" } });
  expect(sources.reads.length).toBe(20);
});

test.each(["txt", "jpg"])(
  "who takes nothing keeps little waiting, also of thousands of .%s",
  async (type) => {
    const bytes = someBytes(100_000);
    const archive = compressible(
      Array.from({ length: 300 }, (_, index) => ({ name: `${index}.${type}`, bytes })),
    );
    const { chunks } = archive.compress();
    await chunks.next();
    await settle(archive.sources);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await settle(archive.sources);
    expect(archive.sources.reads.length).toBeLessThan(200);
    await chunks.return();
  },
);

import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from "yauzl";
import { file, TestArchive, type TestEntry, zeros } from "../layout/test-archive.ts";

/** An archive that exists nowhere: whatever yauzl wants to read is cut out of the layout at that moment. */
class VirtualReader extends RandomAccessReader {
  readonly #archive: TestArchive;

  constructor(archive: TestArchive) {
    super();
    this.#archive = archive;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#archive.chunks({ start, end }), { objectMode: false });
  }

  /** Without a stream for each of the 140,000 small reads; later, so that the reader's stack does not grow. */
  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null) => void,
  ): void {
    this.#archive.bytes({ start: position, end: position + length }).copy(target, offset);
    process.nextTick(done, null);
  }

  override close(done: (error: Error | null) => void): void {
    process.nextTick(done, null);
  }
}

function openStrictly(archive: TestArchive): Promise<ZipFile> {
  return fromRandomAccessReaderPromise(new VirtualReader(archive), archive.layout.lengthBytes, {
    lazyEntries: true,
    strictFileNames: true,
    validateEntrySizes: true,
    autoClose: false,
  });
}

async function listed(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  return entries;
}

/** Zeros whose CRC-32 is somebody else's business: nobody reads them all. */
function uncheckedZeros(name: string, sizeBytes: number): TestEntry {
  return { ...zeros(name, sizeBytes), crc32: 0 };
}

test("yauzl reads a virtual archive of 5 TiB", async () => {
  const archive = new TestArchive([
    file("first.txt", "first"),
    uncheckedZeros("huge/4-tebibytes.bin", 4 * 2 ** 40),
    file("between.txt", "between"),
    uncheckedZeros("huge/1-tebibyte.bin", 2 ** 40),
    file("last.txt", "the last bytes behind 5 TiB"),
  ]);
  expect(archive.layout.lengthBytes).toBeGreaterThan(5 * 2 ** 40);
  const zip = await openStrictly(archive);
  const entries = await listed(zip);
  expect(
    entries.map((entry) => [entry.fileName, entry.uncompressedSize, entry.relativeOffsetOfLocalHeader]),
  ).toEqual(
    archive.entries.map(({ name, sizeBytes }, index) => [
      name,
      sizeBytes,
      archive.layout.localHeaderOffsets[index],
    ]),
  );

  const [, huge, , , last] = entries;
  if (huge === undefined || last === undefined) throw new Error("Entries are missing.");
  expect((await buffer(await zip.openReadStreamPromise(last))).toString()).toBe(
    "the last bytes behind 5 TiB",
  );
  const start = 3 * 2 ** 40;
  const middle = await zip.openReadStreamPromise(huge, { start, end: start + 1000, decodeFileData: false });
  expect((await buffer(middle)).equals(Buffer.alloc(1000))).toBe(true);
});

test("yauzl reads a virtual archive of 70,000 entries", async () => {
  const names = Array.from({ length: 70_000 }, (_, index) => `folder-${index % 100}/file-${index}.txt`);
  const archive = new TestArchive(names.map((name) => file(name, name)));
  const zip = await openStrictly(archive);
  expect(zip.entryCount).toBe(70_000);
  const entries = await listed(zip);
  expect(entries.map((entry) => entry.fileName)).toEqual(names);
  const last = entries.at(-1);
  if (last === undefined) throw new Error("Entries are missing.");
  expect((await buffer(await zip.openReadStreamPromise(last))).toString()).toBe("folder-99/file-69999.txt");
});

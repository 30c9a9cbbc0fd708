import { crc32 } from "node:zlib";
import type { ByteRange } from "../../lambdas/layout/byte-range.ts";
import { encodeSlice, isHeaderSlice } from "../../lambdas/layout/encode-slice.ts";
import type { Layout, LayoutSource } from "../../lambdas/layout/layout.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { sliceLayout } from "../../lambdas/layout/slice-layout.ts";

/** An entry whose data is made when it is read, so that it may be of any length. */
export interface TestEntry {
  /** Ends in "/" for a directory. */
  readonly name: string;
  readonly mtimeEpochSeconds: number;
  readonly sizeBytes: number;
  /** The bytes from `start` to `end` of the data. */
  readonly data: (start: number, end: number) => Uint8Array;
  /** Of all the data; computed from it when it is not given. */
  readonly crc32?: number;
}

/** Tuesday 2023-11-14 22:13:21 UTC: an odd second, which MS-DOS times cannot hold. */
const someTime = 1_700_000_001;

export function file(name: string, content: string | Uint8Array, mtimeEpochSeconds = someTime): TestEntry {
  const bytes = Buffer.from(content);
  return {
    name,
    mtimeEpochSeconds,
    sizeBytes: bytes.length,
    data: (start, end) => bytes.subarray(start, end),
  };
}

export function emptyFolder(name: string, mtimeEpochSeconds = someTime): TestEntry {
  return file(name, "", mtimeEpochSeconds);
}

export function zeros(name: string, sizeBytes: number, mtimeEpochSeconds = someTime): TestEntry {
  return { name, mtimeEpochSeconds, sizeBytes, data: (start, end) => oneMebibyte.subarray(0, end - start) };
}

const oneMebibyte = new Uint8Array(1024 * 1024);

/** The layout of entries, and their bytes by range. */
export class TestArchive {
  readonly entries: readonly TestEntry[];
  readonly layout: Layout;
  readonly #crc32s = new Map<number, number>();

  constructor(entries: readonly TestEntry[]) {
    this.entries = entries;
    this.layout = planLayout(sourceOf(entries));
  }

  entry(index: number): TestEntry {
    const entry = this.entries[index];
    if (entry === undefined) throw new RangeError(`There is no entry ${index}.`);
    return entry;
  }

  /** CRC-32 of an entry's data, computed once. */
  readonly crc32Of = (index: number): number => {
    let crc = this.entry(index).crc32 ?? this.#crc32s.get(index);
    if (crc === undefined) {
      crc = 0;
      for (const chunk of this.#dataChunks(index, 0, this.entry(index).sizeBytes)) crc = crc32(chunk, crc);
      this.#crc32s.set(index, crc);
    }
    return crc;
  };

  /** The bytes of a range, in chunks of 1 MiB at most. */
  *chunks(range: ByteRange = { start: 0, end: this.layout.lengthBytes }): Generator<Uint8Array> {
    for (const slice of sliceLayout(this.layout, range)) {
      if (isHeaderSlice(slice)) yield encodeSlice(this.layout, slice, this.crc32Of);
      else yield* this.#dataChunks(slice.entry, slice.start, slice.end);
    }
  }

  bytes(range?: ByteRange): Buffer {
    return Buffer.concat([...this.chunks(range)]);
  }

  *#dataChunks(index: number, start: number, end: number): Generator<Uint8Array> {
    const { data } = this.entry(index);
    for (let at = start; at < end; at += oneMebibyte.length) {
      yield data(at, Math.min(at + oneMebibyte.length, end));
    }
  }
}

function sourceOf(entries: readonly TestEntry[]): LayoutSource {
  const names = entries.map((entry) => new TextEncoder().encode(entry.name));
  return {
    writerVersion: 1,
    entryCount: entries.length,
    nameLengthBytes: (entry) => names[entry]?.length ?? 0,
    writeName: (entry, target, offset) => target.set(names[entry] ?? [], offset),
    sizeBytes: (entry) => entries[entry]?.sizeBytes ?? 0,
    mtimeEpochSeconds: (entry) => entries[entry]?.mtimeEpochSeconds ?? 0,
    isDirectory: (entry) => entries[entry]?.name.endsWith("/") ?? false,
  };
}

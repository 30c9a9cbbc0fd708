import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { encodeSlice, isHeaderSlice } from "../../lambdas/layout/encode-slice.ts";
import { rangeOfSegment } from "../../lambdas/layout/segment.ts";
import { sliceLayout } from "../../lambdas/layout/slice-layout.ts";
import type { TestArchive } from "../layout/test-archive.ts";
import type { ReadEntry } from "./zip-readers.ts";

/** The last time an extended timestamp holds, in 2038. */
export const maxTimestamp = 0x7fffffff;

/** Streams an archive to a file. */
export async function writeArchive(path: string, archive: TestArchive): Promise<string> {
  await pipeline(Readable.from(archive.chunks(), { objectMode: false }), createWriteStream(path));
  return path;
}

/** Writes only what can be computed: zeros of any length cost no time and no disk. */
export async function writeSparseArchive(path: string, { layout, crc32Of }: TestArchive): Promise<string> {
  await using handle = await open(path, "wx");
  for (const slice of sliceLayout(layout, { start: 0, end: layout.lengthBytes })) {
    if (!isHeaderSlice(slice)) continue;
    const bytes = encodeSlice(layout, slice, crc32Of);
    await handle.write(bytes, 0, bytes.length, rangeOfSegment(layout, slice).start);
  }
  return path;
}

/** What a reader should make of an archive, in the order of byName. */
export function expectedOf(archive: TestArchive, knowsOnlyDosTimes: boolean): ReadEntry[] {
  const entries = archive.entries.map(({ name, sizeBytes, mtimeEpochSeconds }, index) => {
    const hasTimestamp = mtimeEpochSeconds >= 0 && mtimeEpochSeconds <= maxTimestamp && !knowsOnlyDosTimes;
    const dosSeconds = Math.max(Date.UTC(1980, 0) / 1000, mtimeEpochSeconds - (mtimeEpochSeconds & 1));
    return {
      name,
      sizeBytes,
      crc32: archive.crc32Of(index),
      mtimeEpochSeconds: hasTimestamp ? mtimeEpochSeconds : dosSeconds,
    };
  });
  return byName(entries);
}

export function byName(entries: readonly ReadEntry[]): ReadEntry[] {
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

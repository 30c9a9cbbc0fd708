import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { Manifest } from "../../lambdas/ball/manifest.ts";
import { pinOf } from "../../lambdas/ball/pin.ts";
import { type ArchiveStream, streamArchive } from "../../lambdas/delivery/stream-archive.ts";
import type { StreamLimits } from "../../lambdas/delivery/stream-limits.ts";
import type { ByteRange } from "../../lambdas/layout/byte-range.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { currentWriterVersion } from "../../lambdas/layout/writer-version.ts";
import { file, TestArchive } from "../layout/test-archive.ts";
import { MemorySources } from "../support/memory-sources.ts";

/** Content of one object; `keepsCrc32` false: S3 can not tell its CRC-32. */
export interface Content {
  readonly bytes: Uint8Array;
  /** Its name in the archive, and its key behind `in/`; undefined: `entry-` and its number. */
  readonly name?: string;
  readonly keepsCrc32?: boolean;
  /** Whether the manifest itself has the bytes; no object does. */
  readonly isInline?: boolean;
}

export interface StreamOptions {
  readonly range?: ByteRange;
  readonly crc32s?: Crc32Column;
  readonly signal?: AbortSignal;
  readonly limits?: StreamLimits;
}

/** An archive of objects in memory: what streams it, and by other means the bytes it must have. */
export function archiveOf(contents: readonly Content[]) {
  const sources = new MemorySources();
  const nameOf = (index: number) => contents[index]?.name ?? `entry-${index}`;
  const objects = contents.map(({ bytes, keepsCrc32 = true }, index) =>
    sources.put(`in/${nameOf(index)}`, bytes, { keepsCrc32 }),
  );
  const named = objects.map((object, index) => {
    const bytes = contents[index]?.isInline === true ? contents[index].bytes : undefined;
    const source = bytes && { key: "", pin: { kind: "inline", bytes } as const };
    return { ...object, pin: pinOf(object), name: nameOf(index), ...source };
  });
  const manifest = Manifest.freeze({ writerVersion: currentWriterVersion, bucket: "bucket", entries: named });
  const layout = planLayout(manifest);
  const known = new Crc32Column(contents.length);
  objects.forEach(({ crc32 }, entry) => {
    if (typeof crc32 === "number") known.set(entry, crc32);
  });
  const reference = new TestArchive(contents.map(({ bytes }, index) => file(nameOf(index), bytes)));
  const whole: ByteRange = { start: 0, end: layout.lengthBytes };
  const nothingKnown = new Crc32Column(contents.length);
  const stream = (options: StreamOptions = {}): ArchiveStream =>
    streamArchive({
      manifest,
      layout,
      reader: sources,
      crc32s: known,
      range: whole,
      signal: new AbortController().signal,
      ...options,
    });
  return { sources, manifest, layout, reference, known, nothingKnown, whole, stream };
}

/** Bytes of any length, the same for the same seed. */
export function someBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed * 2_654_435_761;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Lets everything run that can run without anybody reading, timers aside. */
export async function settle(sources: MemorySources): Promise<void> {
  const { reads, described } = sources;
  const seen = () => [reads.length, described.length, sources.openReads, sources.heldBytes].join();
  let before = "";
  for (let quietTurns = 0; quietTurns < 10; ) {
    await new Promise((resolve) => setImmediate(resolve));
    quietTurns = seen() === before ? quietTurns + 1 : 0;
    before = seen();
  }
}

/** What came of a stream, and what it failed with. */
export async function drain(chunks: AsyncIterable<Uint8Array>): Promise<{ bytes: Buffer; error: unknown }> {
  const received: Uint8Array[] = [];
  try {
    for await (const chunk of chunks) received.push(chunk);
    return { bytes: Buffer.concat(received), error: undefined };
  } catch (error) {
    return { bytes: Buffer.concat(received), error };
  }
}

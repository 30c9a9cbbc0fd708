import { createWriteStream, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import type { PinnedSource, SourceRange, SourceRead } from "../../lambdas/ball/source.ts";
import { compressArchive } from "../../lambdas/compression/compress-archive.ts";
import { freeze } from "../support/manifests.ts";
import { MemorySources } from "../support/memory-sources.ts";

/**
 * Run by itself, with the name of a file and a length: writes the zip of an object of so many zeros and a short one behind
 * it to the file, and prints the most memory it took, in bytes.
 */
const [path = "", length = ""] = process.argv.slice(2);
const chunk = new Uint8Array(256 * 1024);

class Zeros extends MemorySources {
  override read(_source: PinnedSource, { start, end }: SourceRange): SourceRead {
    let position = start;
    const takeNow = () => {
      if (position === end) return undefined;
      const bytes = chunk.subarray(0, end - position);
      position += bytes.length;
      return [bytes];
    };
    const done = Promise.resolve();
    return { answered: done, ended: done, isReady: true, takeNow, take: async () => takeNow() };
  }
}

const entries = [
  { name: "zeros.bin", sizeBytes: Number(length) },
  { name: "behind.txt", sizeBytes: 20 },
].map((one) => ({
  ...one,
  key: one.name,
  pin: { kind: "etag", etag: '"zeros"' } as const,
  mtimeEpochSeconds: 1_700_000_000,
}));
const { chunks } = compressArchive({
  manifest: freeze(entries),
  crc32s: new Crc32Column(entries.length),
  reader: new Zeros(),
  signal: new AbortController().signal,
});
await pipeline(Readable.from(chunks, { objectMode: false }), createWriteStream(path));
// proc(5); what getrusage tells of a child begins with its parent's.
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
console.log(Number(peak) * 1024);

import { z } from "zod";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { Manifest, type ManifestEntry } from "../../lambdas/ball/manifest.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { currentWriterVersion } from "../../lambdas/layout/writer-version.ts";

/** Run by itself, with --expose-gc: prints the bytes that a ball of a million entries keeps, and its entry count. */
const count = 1_000_000;
const { gc } = z
  .object({ gc: z.custom<() => void>((value) => typeof value === "function") })
  .parse(globalThis);

function keptBytes(): number {
  gc();
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Keys of some 55 bytes, entry by entry, so that nothing else is kept; every tenth pinned by a multipart ETag. */
function* entries(): Generator<ManifestEntry> {
  for (let index = 0; index < count; index += 1) {
    const name = `albums/2021/summer-${index % 4000}/IMG_${20_000_000 + index}_edited.jpg`;
    const md5 = (index * 2_654_435_761).toString(16).padStart(32, "0").slice(-32);
    yield {
      key: `customers/8841/${name}`,
      name,
      pin: { kind: "etag", etag: index % 10 === 0 ? `"${md5}-7"` : `"${md5}"` },
      sizeBytes: 1_000_000 + index,
      mtimeEpochSeconds: 1_600_000_000 + index,
    };
  }
}

const before = keptBytes();
const manifest = Manifest.freeze({
  writerVersion: currentWriterVersion,
  bucket: "photos",
  entries: entries(),
});
const layout = planLayout(manifest);
const crc32s = new Crc32Column(count);
const bytes = keptBytes() - before;
// Used after the measurement, so that none of it is gone by then.
const { entryCount } = manifest;
const isWhole = layout.lengthBytes > 0 && crc32s.entryCount === entryCount;
console.log(JSON.stringify({ bytes, entryCount: isWhole ? entryCount : 0 }));

import { pipeline } from "node:stream/promises";
import { Crc32Column } from "../../../lambdas/ball/crc32-column.ts";
import { Manifest } from "../../../lambdas/ball/manifest.ts";
import { pinOf } from "../../../lambdas/ball/pin.ts";
import { streamArchive } from "../../../lambdas/delivery/stream-archive.ts";
import { limitsFor, type StreamLimits } from "../../../lambdas/delivery/stream-limits.ts";
import { planLayout } from "../../../lambdas/layout/plan-layout.ts";
import { currentWriterVersion } from "../../../lambdas/layout/writer-version.ts";
import { createS3Client } from "../../../lambdas/storage/s3/client.ts";
import { createSourceReader } from "../../../lambdas/storage/s3/source-reader.ts";
import { warmUp } from "../../../lambdas/storage/s3/warm-up.ts";
import { keepHeapSmall } from "../../../lambdas/wiring/frugal-heap.ts";
import type { BenchObject } from "../object-set.ts";
import type { Work } from "./contestants.ts";

/** As a download of a ball goes whose CRC-32s were learned when it was made: every body is checked against them. */
export function withKnownCrc32s(work: Work): () => Promise<void> {
  return prepare(work, knownCrc32s(work.objects));
}

/** The same with the window that a function of 256 MB would be given. */
export function withSmallWindow(work: Work): () => Promise<void> {
  keepHeapSmall();
  return prepare(work, knownCrc32s(work.objects), smallWindow);
}

/** As the first download goes when nobody has learned any, and S3 keeps none: a body of more than one read is read twice. */
export function readingForCrc32s(work: Work): () => Promise<void> {
  return prepare(work, new Crc32Column(work.objects.length));
}

/** What a function of 256 MB is given. */
const smallWindow = limitsFor(256);

function prepare(
  work: Work,
  crc32s: Crc32Column,
  limits: StreamLimits = limitsFor(1024),
): () => Promise<void> {
  const { endpoint, bucket, objects, sink } = work;
  const s3 = createS3Client(endpoint);
  warmUp(s3);
  const reader = createSourceReader(s3);
  const entries = objects.map((object) => ({ ...object, name: object.key, pin: pinOf(object) }));
  const manifest = Manifest.freeze({ writerVersion: currentWriterVersion, bucket, entries });
  return async () => {
    const layout = planLayout(manifest);
    const range = { start: 0, end: layout.lengthBytes };
    const { signal } = new AbortController();
    const { chunks } = streamArchive({ manifest, layout, crc32s, reader, range, signal, limits });
    await pipeline(chunks, sink);
    if (sink.lengthBytes !== layout.lengthBytes)
      throw new Error("The archive has not the length of its layout");
  };
}

function knownCrc32s(objects: readonly BenchObject[]): Crc32Column {
  const crc32s = new Crc32Column(objects.length);
  objects.forEach(({ crc32 }, entry) => {
    crc32s.set(entry, crc32);
  });
  return crc32s;
}

import { pipeline } from "node:stream/promises";
import { Crc32Column } from "../../../lambdas/ball/crc32-column.ts";
import { Manifest } from "../../../lambdas/ball/manifest.ts";
import { pinOf } from "../../../lambdas/ball/pin.ts";
import type { SourceReader } from "../../../lambdas/ball/source.ts";
import { streamArchive } from "../../../lambdas/delivery/stream-archive.ts";
import { planLayout } from "../../../lambdas/layout/plan-layout.ts";
import { currentWriterVersion } from "../../../lambdas/layout/writer-version.ts";
import { createSourceReader } from "../../../lambdas/storage/s3/source-reader.ts";
import type { BenchObject } from "../object-set.ts";
import type { Work } from "./contestants.ts";

/** As a download of a ball goes whose CRC-32s were learned when it was made: every body is checked against them. */
export async function withKnownCrc32s(work: Work): Promise<void> {
  await stream(work, createSourceReader(work.s3), knownCrc32s(work.objects));
}

/** As the first download goes when there was no time to learn any; S3 tells those of large bodies. */
export async function askingForCrc32s(work: Work): Promise<void> {
  await stream(work, createSourceReader(work.s3), new Crc32Column(work.objects.length));
}

/** The same where S3 keeps no CRC-32: a body that does not fit in one read is read twice. */
export async function readingForCrc32s(work: Work): Promise<void> {
  const reader = createSourceReader(work.s3);
  const describePinned: SourceReader["describePinned"] = async (source, signal) => ({
    ...(await reader.describePinned(source, signal)),
    crc32: "not kept",
  });
  await stream(work, { ...reader, describePinned }, new Crc32Column(work.objects.length));
}

async function stream(work: Work, reader: SourceReader, crc32s: Crc32Column): Promise<void> {
  const { bucket, objects, sink } = work;
  const entries = objects.map((object) => ({ ...object, name: object.key, pin: pinOf(object) }));
  const manifest = Manifest.freeze({ writerVersion: currentWriterVersion, bucket, entries });
  const layout = planLayout(manifest);
  const range = { start: 0, end: layout.lengthBytes };
  const { signal } = new AbortController();
  const { chunks } = streamArchive({ manifest, layout, crc32s, reader, range, signal });
  await pipeline(chunks, sink);
  if (sink.lengthBytes !== layout.lengthBytes)
    throw new Error("The archive has not the length of its layout");
}

function knownCrc32s(objects: readonly BenchObject[]): Crc32Column {
  const crc32s = new Crc32Column(objects.length);
  objects.forEach(({ crc32 }, entry) => {
    crc32s.set(entry, crc32);
  });
  return crc32s;
}

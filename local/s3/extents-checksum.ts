import type { BodyStore } from "./body-store.ts";
import { type ChecksumAlgorithm, newDigester } from "./checksums.ts";
import { type CrcRun, combineCrcs } from "./combine-crcs.ts";
import { readThrough } from "./content-reader.ts";
import type { ContentTable, Extent } from "./content-table.ts";
import { knownRun } from "./crc-milestones.ts";

/** Where bodies are, and what is known of them. */
interface Bodies {
  readonly bodies: BodyStore;
  readonly contents: ContentTable;
}

const readBytes = 1024 * 1024;

/**
 * The checksum, base64, of what extents hold one after the other. A CRC-32 follows from the milestones of their bodies with
 * next to nothing read; any other is computed of all bytes, a MiB at a time, so that other requests are answered between.
 * To be called in the same turn in which the extents were looked up: from then on their bodies stay.
 */
export async function checksumOfExtents(
  { bodies, contents }: Bodies,
  extents: readonly Extent[],
  algorithm: ChecksumAlgorithm,
): Promise<string> {
  const unpin = bodies.pin([...new Set(extents.map((extent) => extent.bodyId))]);
  try {
    const digest = algorithm === "CRC32" ? crc32Of : digestOf;
    return (await digest({ bodies, contents }, extents, algorithm)).toString("base64");
  } finally {
    unpin();
  }
}

async function digestOf(
  { bodies }: Bodies,
  extents: readonly Extent[],
  algorithm: ChecksumAlgorithm,
): Promise<Buffer> {
  const digester = newDigester(algorithm);
  const longest = extents.reduce((most, extent) => Math.max(most, extent.length), 0);
  const buffer = Buffer.allocUnsafe(Math.min(longest, readBytes));
  for (const extent of extents) {
    await readThrough(bodies.pathOf(extent.bodyId), extent, buffer, (bytes) => digester.update(bytes));
  }
  return digester.digest();
}

async function crc32Of(store: Bodies, extents: readonly Extent[]): Promise<Buffer> {
  // An object made of copies of one body has the same extent over and over.
  const seen = new Map<string, Buffer>();
  const runs: CrcRun[] = [];
  for (const extent of extents) {
    const name = `${extent.bodyId} ${extent.offset} ${extent.length}`;
    const crc = seen.get(name) ?? (await crc32OfExtent(store, extent));
    seen.set(name, crc);
    runs.push({ crc, length: extent.length });
  }
  return combineCrcs("CRC32", runs);
}

async function crc32OfExtent(store: Bodies, extent: Extent): Promise<Buffer> {
  const { bodyId, offset, length } = extent;
  const milestones = store.contents.milestonesOf(bodyId);
  const known = milestones && knownRun(milestones, offset, offset + length);
  if (known === undefined) return digestOf(store, [extent], "CRC32");
  const read = async (start: number, end: number): Promise<CrcRun> => {
    const run = { bodyId, offset: start, length: end - start };
    return { crc: await digestOf(store, run.length === 0 ? [] : [run], "CRC32"), length: run.length };
  };
  const before = await read(offset, known.start);
  const after = await read(known.end, offset + length);
  return combineCrcs("CRC32", [before, { crc: known.crc, length: known.end - known.start }, after]);
}

import type { BodyStore } from "./body-store.ts";
import { type ChecksumAlgorithm, isCrc, newDigester } from "./checksums.ts";
import { type CrcRun, combineCrcs } from "./combine-crcs.ts";
import { fewBytes, readAtOnce, readThrough } from "./content-reader.ts";
import type { ContentTable, Extent } from "./content-table.ts";
import type { CrcName } from "./crc.ts";
import { knownRun } from "./crc-milestones.ts";

const readBytes = 1024 * 1024;
const mostKnown = 4096;

/**
 * Checksums of what extents hold one after the other, with as little read as may be. A CRC follows from those of the
 * extents: the same extent, as in an object made of copies of one body, is read once; of a CRC-32 the milestones of the bodies
 * leave next to nothing to be read. Any other checksum is one of all bytes.
 */
export class ExtentsChecksum {
  readonly #bodies: BodyStore;
  readonly #contents: ContentTable;
  /** CRCs of extents, the oldest forgotten first. Bodies do not change. */
  readonly #known = new Map<string, Buffer>();

  constructor(bodies: BodyStore, contents: ContentTable) {
    this.#bodies = bodies;
    this.#contents = contents;
  }

  /**
   * In base64. What is read is read a MiB at a time, and other requests are answered between.
   * To be called in the same turn in which the extents were looked up: from then on their bodies stay until it is done.
   */
  async of(extents: readonly Extent[], algorithm: ChecksumAlgorithm): Promise<string> {
    const unpin = this.#bodies.pin([...new Set(extents.map((extent) => extent.bodyId))]);
    try {
      const digest = isCrc(algorithm)
        ? await this.#crcOf(extents, algorithm)
        : await this.#read(extents, algorithm);
      return digest.toString("base64");
    } finally {
      unpin();
    }
  }

  async #crcOf(extents: readonly Extent[], name: CrcName): Promise<Buffer> {
    const runs: CrcRun[] = [];
    for (const extent of extents) {
      const id = `${name} ${extent.bodyId} ${extent.offset} ${extent.length}`;
      const crc = this.#known.get(id) ?? (await this.#crcOfExtent(extent, name));
      this.#know(id, crc);
      runs.push({ crc, length: extent.length });
    }
    return combineCrcs(name, runs);
  }

  #know(id: string, crc: Buffer): void {
    this.#known.delete(id);
    this.#known.set(id, crc);
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest);
  }

  async #crcOfExtent(extent: Extent, name: CrcName): Promise<Buffer> {
    const { bodyId, offset, length } = extent;
    const milestones = name === "CRC32" ? this.#contents.milestonesOf(bodyId) : undefined;
    const known = milestones && knownRun(milestones, offset, offset + length);
    if (known === undefined) return this.#read([extent], name);
    const before = { bodyId, offset, length: known.start - offset };
    const after = { bodyId, offset: known.end, length: offset + length - known.end };
    return combineCrcs(name, [
      { crc: await this.#read([before], name), length: before.length },
      { crc: known.crc, length: known.end - known.start },
      { crc: await this.#read([after], name), length: after.length },
    ]);
  }

  async #read(extents: readonly Extent[], algorithm: ChecksumAlgorithm): Promise<Buffer> {
    const digester = newDigester(algorithm);
    const longest = extents.reduce((most, extent) => Math.max(most, extent.length), 0);
    const buffer = Buffer.allocUnsafe(longest <= fewBytes ? 0 : Math.min(longest, readBytes));
    for (const extent of extents) {
      const path = this.#bodies.pathOf(extent.bodyId);
      if (extent.length > fewBytes)
        await readThrough(path, extent, buffer, (bytes) => digester.update(bytes));
      else if (extent.length > 0) digester.update(readAtOnce(path, extent));
    }
    return digester.digest();
  }
}

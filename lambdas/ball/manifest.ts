import { ByteColumn, NumberColumn } from "./columns.ts";
import { decodePin, encodePin, type InlineData, isInline, type Pin } from "./pin.ts";
import type { PinnedSource } from "./source.ts";

/** One entry of a manifest as it is put in. */
export interface ManifestEntry {
  /** Key of the source object; "" for data that is none's. */
  readonly key: string;
  readonly pin: Pin | InlineData;
  readonly sizeBytes: number;
  /** Last modification, whole seconds since 1970 in UTC. */
  readonly mtimeEpochSeconds: number;
  /** Entry name in the zip; a directory's ends in "/". */
  readonly name: string;
}

interface FreezeInput {
  readonly writerVersion: number;
  /** 0 unless told: that of the plan a ball is made with. */
  readonly planNumber?: number;
  readonly bucket: string;
  readonly entries: Iterable<ManifestEntry>;
}

/**
 * What goes into one zip: for every entry its source object, pinned, its size, time and name. It is frozen when the
 * ball is made, and the archive is a pure function of it.
 *
 * Kept as columns, because a ball may have a million entries: a name that is the end of its key, as nearly all are,
 * costs two bytes. CRC-32s are not part of it: they follow from the pins, and neither lengths nor the ETag
 * depend on them (Crc32Column).
 */
export class Manifest {
  readonly #columns: ManifestColumns;

  constructor(columns: ManifestColumns) {
    this.#columns = columns;
  }

  /** Freezes entries of one bucket, in the order given, for a version of the writer (lambdas/layout). */
  static freeze({ writerVersion, planNumber = 0, bucket, entries }: FreezeInput): Manifest {
    const keys = new ByteColumn();
    const pins = new ByteColumn();
    const sizesBytes = new NumberColumn();
    const mtimesEpochSeconds = new NumberColumn();
    const nameStarts = new NumberColumn();
    const otherNames = new Map<number, Uint8Array>();
    for (const entry of entries) {
      const key = Buffer.from(entry.key, "utf8");
      const name = Buffer.from(entry.name, "utf8");
      const nameStart = key.length - name.length;
      const isEndOfKey = nameStart >= 0 && key.subarray(nameStart).equals(name);
      if (!isEndOfKey) otherNames.set(keys.rowCount, Uint8Array.from(name));
      nameStarts.append(isEndOfKey ? nameStart : 0);
      keys.append(key);
      pins.append(encodePin(entry.pin));
      sizesBytes.append(entry.sizeBytes);
      mtimesEpochSeconds.append(entry.mtimeEpochSeconds);
    }
    for (const column of [keys, pins, sizesBytes, mtimesEpochSeconds]) column.trim();
    return new Manifest({
      writerVersion,
      planNumber,
      bucket,
      keys,
      pins,
      sizesBytes,
      mtimesEpochSeconds,
      nameStarts: Uint16Array.from({ length: keys.rowCount }, (_, entry) => nameStarts.at(entry)),
      otherNames,
    });
  }

  /** The same entries, as those of another plan of the ball. */
  ofPlan(planNumber: number): Manifest {
    return new Manifest({ ...this.#columns, planNumber });
  }

  /** Format version of the writer whose bytes the archive has: a later release goes on emitting them. */
  get writerVersion(): number {
    return this.#columns.writerVersion;
  }

  /** Which plan of its ball it is. No byte of the archive depends on it, and the entity tag does. */
  get planNumber(): number {
    return this.#columns.planNumber;
  }

  /** The bucket all its objects are in. */
  get bucket(): string {
    return this.#columns.bucket;
  }

  get entryCount(): number {
    return this.#columns.keys.rowCount;
  }

  /** Key of the entry's source object. */
  key(entry: number): string {
    return Buffer.from(this.keyBytes(entry)).toString("utf8");
  }

  /** The key's UTF-8 bytes: a view, not a copy. */
  keyBytes(entry: number): Uint8Array {
    return this.#columns.keys.row(entry);
  }

  /** An entry as it was put in. */
  entry(entry: number): ManifestEntry {
    return {
      key: this.key(entry),
      pin: decodePin(this.#columns.pins.row(entry)),
      sizeBytes: this.sizeBytes(entry),
      mtimeEpochSeconds: this.mtimeEpochSeconds(entry),
      name: this.name(entry),
    };
  }

  /** The pin as encodePin writes it: a view, not a copy. */
  pinBytes(entry: number): Uint8Array {
    return this.#columns.pins.row(entry);
  }

  /** What is read for the entry's data. Throws: RangeError for an entry whose data is no object's. */
  source(entry: number): PinnedSource {
    const pin = decodePin(this.#columns.pins.row(entry));
    if (pin.kind === "inline") throw new RangeError(`Entry ${entry} has no source object`);
    return { bucket: this.bucket, key: this.key(entry), pin, sizeBytes: this.sizeBytes(entry) };
  }

  /** The entry's data where it stands in the manifest itself; undefined where an object has it. */
  inlineData(entry: number): Uint8Array | undefined {
    const row = this.#columns.pins.row(entry);
    return isInline(row) ? row.subarray(1) : undefined;
  }

  sizeBytes(entry: number): number {
    return this.#columns.sizesBytes.at(entry);
  }

  mtimeEpochSeconds(entry: number): number {
    return this.#columns.mtimesEpochSeconds.at(entry);
  }

  name(entry: number): string {
    return Buffer.from(this.nameBytes(entry)).toString("utf8");
  }

  /** The name's UTF-8 bytes: a view, not a copy. */
  nameBytes(entry: number): Uint8Array {
    return (
      this.#columns.otherNames.get(entry) ?? this.keyBytes(entry).subarray(this.#columns.nameStarts[entry])
    );
  }

  /** Where in its key the name starts, in bytes; undefined where the name is not the end of the key. */
  nameStartInKey(entry: number): number | undefined {
    return this.#columns.otherNames.has(entry) ? undefined : this.#columns.nameStarts[entry];
  }

  nameLengthBytes(entry: number): number {
    return this.nameBytes(entry).length;
  }

  /** Copies the name's UTF-8 bytes to `target` from `offset` on. */
  writeName(entry: number, target: Uint8Array, offset: number): void {
    target.set(this.nameBytes(entry), offset);
  }

  isDirectory(entry: number): boolean {
    return this.nameBytes(entry).at(-1) === slash;
  }

  /** Whether the entry is a file that was selected: no directory, and nothing that was added to tell of others. */
  isSelectedFile(entry: number): boolean {
    return !this.isDirectory(entry) && !isInline(this.#columns.pins.row(entry));
  }
}

/** The columns of a manifest: as many rows each as there are entries, but for otherNames, which is sparse. */
export interface ManifestColumns {
  readonly writerVersion: number;
  readonly planNumber: number;
  readonly bucket: string;
  readonly keys: ByteColumn;
  readonly pins: ByteColumn;
  readonly sizesBytes: NumberColumn;
  readonly mtimesEpochSeconds: NumberColumn;
  /** Where the name starts in the key, in bytes; not used where otherNames has a name. */
  readonly nameStarts: Uint16Array;
  readonly otherNames: ReadonlyMap<number, Uint8Array>;
}

const slash = 0x2f;

/**
 * Readers of the records that lambdas/zip writes, on their own arithmetic: field after field, as APPNOTE lists them.
 */

class FieldReader {
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#view.byteLength - this.#offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  u64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  bytes(length: number): Uint8Array {
    const start = this.#view.byteOffset + this.#advance(length);
    return new Uint8Array(this.#view.buffer, start, length).slice();
  }

  #advance(length: number): number {
    const at = this.#offset;
    this.#offset += length;
    return at;
  }
}

export function readLocalFileHeader(bytes: Uint8Array) {
  const reader = new FieldReader(bytes);
  const fixed = {
    signature: reader.u32(),
    versionNeeded: reader.u16(),
    flags: reader.u16(),
    method: reader.u16(),
    time: reader.u16(),
    date: reader.u16(),
    crc32: reader.u32(),
    compressedSize: reader.u32(),
    uncompressedSize: reader.u32(),
  };
  const nameLength = reader.u16();
  const extraLength = reader.u16();
  const name = textOf(reader.bytes(nameLength));
  return { ...fixed, name, extra: readExtraFields(reader.bytes(extraLength)), bytesAfter: reader.remaining };
}

export function readCentralDirectoryHeader(bytes: Uint8Array) {
  const reader = new FieldReader(bytes);
  const fixed = {
    signature: reader.u32(),
    versionMadeBy: reader.u16(),
    versionNeeded: reader.u16(),
    flags: reader.u16(),
    method: reader.u16(),
    time: reader.u16(),
    date: reader.u16(),
    crc32: reader.u32(),
    compressedSize: reader.u32(),
    uncompressedSize: reader.u32(),
  };
  const nameLength = reader.u16();
  const extraLength = reader.u16();
  const rest = {
    commentLength: reader.u16(),
    disk: reader.u16(),
    internalAttributes: reader.u16(),
    externalAttributes: reader.u32(),
    localHeaderOffset: reader.u32(),
    name: textOf(reader.bytes(nameLength)),
    extra: readExtraFields(reader.bytes(extraLength)),
    bytesAfter: reader.remaining,
  };
  return { ...fixed, ...rest };
}

/** The end of central directory record, and the zip64 record and locator when they stand before it. */
export function readEndOfCentralDirectory(bytes: Uint8Array) {
  const reader = new FieldReader(bytes);
  const zip64 = bytes.length > 22 ? readZip64Records(reader) : undefined;
  const record = {
    signature: reader.u32(),
    thisDisk: reader.u16(),
    directoryDisk: reader.u16(),
    entriesOnThisDisk: reader.u16(),
    entries: reader.u16(),
    directoryBytes: reader.u32(),
    directoryOffset: reader.u32(),
    commentLength: reader.u16(),
  };
  return { record, ...zip64, bytesAfter: reader.remaining };
}

function readZip64Records(reader: FieldReader) {
  return {
    zip64Record: {
      signature: reader.u32(),
      bytesThatFollow: reader.u64(),
      versionMadeBy: reader.u16(),
      versionNeeded: reader.u16(),
      thisDisk: reader.u32(),
      directoryDisk: reader.u32(),
      entriesOnThisDisk: reader.u64(),
      entries: reader.u64(),
      directoryBytes: reader.u64(),
      directoryOffset: reader.u64(),
    },
    zip64Locator: {
      signature: reader.u32(),
      recordDisk: reader.u32(),
      recordOffset: reader.u64(),
      disks: reader.u32(),
    },
  };
}

/** Extra fields in the order they stand, the two known ones read. */
function readExtraFields(bytes: Uint8Array) {
  const reader = new FieldReader(bytes);
  const fields: { tag: number; values: number[] }[] = [];
  while (reader.remaining > 0) {
    const tag = reader.u16();
    const payload = new FieldReader(reader.bytes(reader.u16()));
    fields.push({ tag, values: tag === 0x0001 ? readZip64(payload) : readTimestamp(payload) });
  }
  return fields;
}

function readZip64(payload: FieldReader): number[] {
  const values: number[] = [];
  while (payload.remaining >= 8) values.push(payload.u64());
  if (payload.remaining > 0) values.push(payload.u32());
  return values;
}

function readTimestamp(payload: FieldReader): number[] {
  return [payload.u8(), payload.u32()];
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

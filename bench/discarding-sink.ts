import { Writable } from "node:stream";

/** Where archives end: counts bytes, keeps the last few, and never makes anyone wait. */
export class DiscardingSink extends Writable {
  lengthBytes = 0;
  readonly #tail = Buffer.alloc(tailBytes);

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.lengthBytes += chunk.length;
    const end = chunk.subarray(-tailBytes);
    this.#tail.copyWithin(0, end.length);
    this.#tail.set(end, tailBytes - end.length);
    done();
  }

  /**
   * Whether what came ends as a zip of so many entries does, right behind its central directory. Cheap, and no
   * proof: tests read archives whole. Source: APPNOTE 4.3.14 to 4.3.16, 4.4.21 to 4.4.24.
   */
  endsAsZipOf(entryCount: number): boolean {
    const record = this.#tail.subarray(-endRecordBytes);
    if (record.readUInt32LE(0) !== 0x06054b50) return false;
    const count = record.readUInt16LE(10);
    const directoryBytes = record.readUInt32LE(12);
    const directoryOffset = record.readUInt32LE(16);
    if (count === 0xffff || directoryBytes === 0xffffffff || directoryOffset === 0xffffffff)
      return this.#endsAsZip64Of(entryCount);
    return count === entryCount && directoryOffset + directoryBytes === this.lengthBytes - endRecordBytes;
  }

  /** At a sentinel the zip64 record has the value, in front of its locator. */
  #endsAsZip64Of(entryCount: number): boolean {
    const isThere =
      this.#tail.readUInt32LE(0) === 0x06064b50 && this.#tail.readUInt32LE(zip64RecordBytes) === 0x07064b50;
    const directoryEnd = this.#tail.readBigUInt64LE(40) + this.#tail.readBigUInt64LE(48);
    const isBehindDirectory = directoryEnd === BigInt(this.lengthBytes - tailBytes);
    return isThere && this.#tail.readBigUInt64LE(32) === BigInt(entryCount) && isBehindDirectory;
  }
}

/** Without a comment. */
const endRecordBytes = 22;
/** Without extensible data. */
const zip64RecordBytes = 56;
const zip64LocatorBytes = 20;
const tailBytes = zip64RecordBytes + zip64LocatorBytes + endRecordBytes;

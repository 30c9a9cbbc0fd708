import { Writable } from "node:stream";

/** Where archives end: counts bytes, keeps the last few, and never makes anyone wait. */
export class DiscardingSink extends Writable {
  lengthBytes = 0;
  readonly #tail = Buffer.alloc(endRecordBytes);

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.lengthBytes += chunk.length;
    const end = chunk.subarray(-endRecordBytes);
    this.#tail.copyWithin(0, end.length);
    this.#tail.set(end, endRecordBytes - end.length);
    done();
  }

  /**
   * Whether what came ends as a zip of so many entries does, right behind its central directory. Cheap, and no
   * proof: tests read archives whole. Source: APPNOTE 4.3.16, 4.4.21 to 4.4.24.
   */
  endsAsZipOf(entryCount: number): boolean {
    if (this.#tail.readUInt32LE(0) !== 0x06054b50) return false;
    const count = this.#tail.readUInt16LE(10);
    const directoryEnd = this.#tail.readUInt32LE(12) + this.#tail.readUInt32LE(16);
    // At a sentinel the zip64 record has the value.
    const isZip64 = count === 0xffff || directoryEnd >= 0xffffffff;
    if (isZip64) return count === Math.min(entryCount, 0xffff);
    return count === entryCount && directoryEnd + endRecordBytes === this.lengthBytes;
  }
}

/** Without a comment. */
const endRecordBytes = 22;

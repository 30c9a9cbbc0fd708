/** What the lengths of an entry's two headers depend on: never its CRC-32. */
export interface EntryShape {
  /** Length of the name in UTF-8, 1 to 65,535. */
  readonly nameLengthBytes: number;
  /** Length of the file data, 0 for a directory. */
  readonly sizeBytes: number;
  readonly mtimeEpochSeconds: number;
  /** Where the local file header starts, in bytes from the start of the archive. */
  readonly localHeaderOffset: number;
}

/** All that an entry's two headers say. */
export interface EntryFields extends EntryShape {
  /** `nameLengthBytes` of UTF-8; ends in "/" for a directory. */
  readonly name: Uint8Array;
  readonly isDirectory: boolean;
  /** CRC-32 of the file data, unsigned; 0 when there is none. */
  readonly crc32: number;
}

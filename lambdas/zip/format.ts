/**
 * The numbers of the zip format that we emit, as in PKWARE's APPNOTE.TXT 6.3.x; why each of them stands where it
 * does is in docs/format-profile.md. This room imports nothing from outside itself.
 */

// Signatures: APPNOTE 4.3.7, 4.3.12, 4.3.14, 4.3.15, 4.3.16.
export const localFileHeaderSignature = 0x04034b50;
export const centralDirectoryHeaderSignature = 0x02014b50;
export const zip64EndOfCentralDirectorySignature = 0x06064b50;
export const zip64EndOfCentralDirectoryLocatorSignature = 0x07064b50;
export const endOfCentralDirectorySignature = 0x06054b50;

// Bytes of each record before its name, extra field and comment.
export const localFileHeaderFixedBytes = 30;
export const centralDirectoryHeaderFixedBytes = 46;
export const zip64EndOfCentralDirectoryBytes = 56;
export const zip64EndOfCentralDirectoryLocatorBytes = 20;
export const endOfCentralDirectoryBytes = 22;

/** A 16- or 32-bit field that says "see the zip64 one" (4.4.1.4), and so can never be a value itself. */
export const sentinel16 = 0xffff;
export const sentinel32 = 0xffffffff;

/** Version made by (4.4.2): upper byte 3 = Unix, so that readers take our permissions; lower byte 45 = 4.5. */
export const versionMadeBy = 0x032d;
/** Version needed to extract (4.4.3): directories, or nothing special. */
export const versionNeededBase = 20;
/** Version needed to extract (4.4.3): zip64. */
export const versionNeededZip64 = 45;

/** General purpose bit flag (4.4.4): bit 11, names are UTF-8, and never bit 3, so no data descriptors. */
export const generalPurposeFlags = 1 << 11;
/** Compression method (4.4.5): stored. */
export const methodStored = 0;

/** External attributes (4.4.15): Unix mode in the upper half; regular file, rw-r--r--. */
export const fileAttributes = 0o100644 * 0x10000;
/** External attributes (4.4.15): directory, rwxr-xr-x, with the MS-DOS directory bit in the lower half. */
export const directoryAttributes = 0o040755 * 0x10000 + 0x10;

/** The longest name a header can carry, in bytes: its length field has 16 bits (4.4.10). */
export const maxNameBytes = 0xffff;

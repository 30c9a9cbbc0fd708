/** Longest path component that ext4, APFS, NTFS and their peers hold, in UTF-8 bytes. */
export const maxComponentBytes = 255;

/** ` (9999999)`: a numbered name leaves room for it always, so that a series of numbers shares one stem. */
const numberRoomBytes = 10;

/** What stays at the end of a name that is shortened or numbered; a leading dot (`.profile`) begins none. */
const extensionPattern = /(?<=.)(?:\.tar)?\.[^\s.]{1,16}$/iu;
const trailingBlanks = /(?<![. ])[. ]+$/;

const encoder = new TextEncoder();
const cutBytes = new Uint8Array(maxComponentBytes);

/** `name` in at most 255 UTF-8 bytes: the stem gives way, at a code point; the extension stays. */
export function shortenName(name: string): string {
  if (Buffer.byteLength(name) <= maxComponentBytes) return name;
  const { stem, extension } = splitExtension(name);
  const room = maxComponentBytes - Buffer.byteLength(extension);
  // A stem cut behind a blank could end the name in one, or leave a device name before the extension.
  return underscoreTrailingBlanks(cutToBytes(stem, room)) + extension;
}

/** `name (2).ext`, in at most 255 UTF-8 bytes. `number` is at most 9,999,999. */
export function numberedName(name: string, number: number): string {
  const { stem, extension } = splitExtension(name);
  const room = maxComponentBytes - Buffer.byteLength(extension) - numberRoomBytes;
  return `${cutToBytes(stem, room)} (${number})${extension}`;
}

/** `name (Version 5).ext`, in at most 255 UTF-8 bytes. */
export function versionedName(name: string, version: number): string {
  const { stem, extension } = splitExtension(name);
  const mark = ` (Version ${version})`;
  const room = maxComponentBytes - Buffer.byteLength(extension) - Buffer.byteLength(mark);
  return cutToBytes(stem, room) + mark + extension;
}

/** Windows drops dots and spaces at the end of a name: each becomes `_`. */
export function underscoreTrailingBlanks(name: string): string {
  return name.replace(trailingBlanks, (blanks) => "_".repeat(blanks.length));
}

/** `.txt` of `a.txt`, `.tar.gz` of `a.tar.gz`; nothing of `a` and `.profile`. */
export function extensionOf(name: string): string {
  return extensionPattern.exec(name)?.[0] ?? "";
}

function splitExtension(name: string): { stem: string; extension: string } {
  const extension = extensionOf(name);
  return { stem: name.slice(0, name.length - extension.length), extension };
}

function cutToBytes(text: string, maxBytes: number): string {
  // The encoder stops before the first character that does not fit as a whole.
  const { read } = encoder.encodeInto(text, cutBytes.subarray(0, maxBytes));
  return text.slice(0, read);
}

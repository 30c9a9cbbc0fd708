import { ByteReader, ByteWriter } from "./byte-io.ts";
import { ByteColumn, NumberColumn } from "./columns.ts";
import { BallError } from "./errors.ts";
import { Manifest } from "./manifest.ts";
import { decodePin } from "./pin.ts";

/**
 * A manifest as bytes, for storing and for the ETag. The same manifest always gives the same bytes.
 *
 * Columns stand one after another, so that a general compressor finds alike beside alike: keys are front-coded
 * (how many bytes they share with the key before, then the rest), numbers are variable-length, times are
 * differences. Together with brotli and raw CRC-32s this comes to some 30 to 40 bytes an entry.
 */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const writer = new ByteWriter();
  const forEachEntry = (write: (entry: number) => void) => {
    for (let entry = 0; entry < manifest.entryCount; entry += 1) write(entry);
  };
  writer.varint(encodingVersion);
  writer.varint(manifest.writerVersion);
  writer.varint(manifest.planNumber);
  writer.text(manifest.bucket);
  writer.varint(manifest.entryCount);
  forEachEntry((entry) => writer.varint(sharedWithKeyBefore(manifest, entry)));
  forEachEntry((entry) =>
    writer.run(manifest.keyBytes(entry).subarray(sharedWithKeyBefore(manifest, entry))),
  );
  forEachEntry((entry) => writer.varint(nameForm(manifest, entry)));
  forEachEntry((entry) => {
    if (nameForm(manifest, entry) === ownName) writer.run(manifest.nameBytes(entry));
  });
  forEachEntry((entry) => writer.varint(manifest.sizeBytes(entry)));
  forEachEntry((entry) => {
    const before = entry === 0 ? 0 : manifest.mtimeEpochSeconds(entry - 1);
    writer.signedVarint(manifest.mtimeEpochSeconds(entry) - before);
  });
  forEachEntry((entry) => writer.varint(manifest.pinBytes(entry).length));
  forEachEntry((entry) => writer.bytes(manifest.pinBytes(entry)));
  return writer.finish();
}

/**
 * The manifest that encodeManifest wrote.
 * Throws: BallError("ball-corrupt") for bytes that are no manifest.
 */
export function decodeManifest(bytes: Uint8Array): Manifest {
  try {
    return readManifest(new ByteReader(bytes));
  } catch (cause) {
    throw new BallError("ball-corrupt", "A stored manifest can not be decoded", { cause });
  }
}

const encodingVersion = 2;

function readManifest(reader: ByteReader): Manifest {
  const version = reader.varint();
  if (version !== encodingVersion) throw new RangeError(`Encoding version ${version} is not known here`);
  const writerVersion = reader.varint();
  const planNumber = reader.varint();
  const bucket = reader.text();
  const entryCount = reader.varint();
  const keys = readKeys(reader, entryCount);
  const { nameStarts, otherNames } = readNames(reader, keys);
  const sizesBytes = readNumbers(reader, entryCount, (size) => size.varint());
  let mtime = 0;
  const mtimesEpochSeconds = readNumbers(reader, entryCount, (difference) => {
    mtime += difference.signedVarint();
    return mtime;
  });
  const pins = readPins(reader, entryCount);
  if (!reader.isAtEnd) throw new RangeError("There are bytes behind the last column");
  return new Manifest({
    writerVersion,
    planNumber,
    bucket,
    keys,
    pins,
    sizesBytes,
    mtimesEpochSeconds,
    nameStarts,
    otherNames,
  });
}

function sharedWithKeyBefore(manifest: Manifest, entry: number): number {
  if (entry === 0) return 0;
  const before = manifest.keyBytes(entry - 1);
  const key = manifest.keyBytes(entry);
  const longest = Math.min(before.length, key.length);
  let length = 0;
  while (length < longest && before[length] === key[length]) length += 1;
  return length;
}

/** S3's limit. It bounds what a few bytes that share with each other can grow to. */
const longestKeyBytes = 1024;

function readKeys(reader: ByteReader, entryCount: number): ByteColumn {
  const shared = readNumbers(reader, entryCount, (length) => length.varint());
  const keys = new ByteColumn(entryCount);
  let before: Uint8Array = new Uint8Array(0);
  for (let entry = 0; entry < entryCount; entry += 1) {
    if (shared.at(entry) > before.length)
      throw new RangeError("A key shares more than the key before it has");
    const key = Buffer.concat([before.subarray(0, shared.at(entry)), reader.run()]);
    if (key.length > longestKeyBytes) throw new RangeError(`A key has ${key.length} bytes`);
    keys.append(key);
    before = keys.row(entry);
  }
  keys.trim();
  return keys;
}

/** In place of a name that is not the end of its key: that name follows. Else: where it starts in the key, plus 1. */
const ownName = 0;

function nameForm(manifest: Manifest, entry: number): number {
  const nameStart = manifest.nameStartInKey(entry);
  return nameStart === undefined ? ownName : nameStart + 1;
}

function readNames(reader: ByteReader, keys: ByteColumn) {
  const forms = readNumbers(reader, keys.rowCount, (form) => form.varint());
  const nameStarts = new Uint16Array(keys.rowCount);
  const otherNames = new Map<number, Uint8Array>();
  for (let entry = 0; entry < keys.rowCount; entry += 1) {
    const form = forms.at(entry);
    if (form === ownName) otherNames.set(entry, Uint8Array.from(reader.run()));
    else if (form > keys.rowLengthBytes(entry))
      throw new RangeError("A name starts behind the end of its key");
    else nameStarts[entry] = form - 1;
  }
  return { nameStarts, otherNames };
}

function readPins(reader: ByteReader, entryCount: number): ByteColumn {
  const lengths = readNumbers(reader, entryCount, (length) => length.varint());
  const pins = new ByteColumn(entryCount);
  for (let entry = 0; entry < entryCount; entry += 1) {
    const pin = reader.bytes(lengths.at(entry));
    decodePin(pin);
    pins.append(pin);
  }
  pins.trim();
  return pins;
}

function readNumbers(reader: ByteReader, count: number, read: (reader: ByteReader) => number): NumberColumn {
  // Not sized by `count` ahead: it is read from outside, and each number takes a byte of what is really there.
  const column = new NumberColumn();
  for (let row = 0; row < count; row += 1) column.append(read(reader));
  column.trim();
  return column;
}

import type { Manifest } from "../ball/manifest.ts";
import { readBufferBytes, type SourceReader } from "../ball/source.ts";
import type { Ahead } from "../delivery/read-ahead.ts";

export interface BodiesInput {
  readonly manifest: Manifest;
  readonly reader: SourceReader;
  readonly signal: AbortSignal;
  /** Most bytes of the next read, asked for when it is made. */
  readonly pieceBytes: () => number;
}

/** What a read is counted as at least: it takes memory of its own, however few its bytes. */
const reservedPerReadBytes = 4 * 1024;

/** The reads that give the bodies of all entries, in order; each is known by its entry. Data in the manifest is not read. */
export function* bodiesAhead(input: BodiesInput): Generator<Ahead<number>, void, undefined> {
  const { manifest, pieceBytes } = input;
  for (let entry = 0; entry < manifest.entryCount; entry += 1) {
    if (manifest.inlineData(entry) !== undefined) continue;
    const sizeBytes = manifest.sizeBytes(entry);
    for (let start = 0; start < sizeBytes; ) {
      const end = Math.min(start + pieceBytes(), sizeBytes);
      yield readOf(input, entry, start, end);
      start = end;
    }
  }
}

function readOf(
  { manifest, reader, signal }: BodiesInput,
  entry: number,
  start: number,
  end: number,
): Ahead<number> {
  const lengthBytes = end - start;
  return {
    thing: entry,
    reservedBytes: Math.min(Math.max(lengthBytes, reservedPerReadBytes), readBufferBytes),
    lengthBytes,
    usesConnection: true,
    begin: () => reader.read(manifest.source(entry), { start, end }, signal),
  };
}

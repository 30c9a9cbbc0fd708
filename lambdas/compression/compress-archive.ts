import type { Crc32Column } from "../ball/crc32-column.ts";
import { placed } from "../ball/errors.ts";
import type { Manifest } from "../ball/manifest.ts";
import type { SourceReader } from "../ball/source.ts";
import { BodyCheck } from "../delivery/body-check.ts";
import { Crc32Answers } from "../delivery/crc32-answers.ts";
import { isGone } from "../delivery/gone-sources.ts";
import { paceFor, rampedUp } from "../delivery/pace.ts";
import { ReadAhead } from "../delivery/read-ahead.ts";
import { limitsFor, type StreamLimits } from "../delivery/stream-limits.ts";
import { bodiesAhead } from "./bodies-ahead.ts";
import { isCompressedType } from "./compressed-types.ts";
import { EntryBodies } from "./entry-bodies.ts";
import { ZipWriter } from "./zip-writer.ts";

/** What goes into a compressed archive, and what making it may use. */
export interface CompressionInput {
  readonly manifest: Manifest;
  /** What is known of the entries' CRC-32s: their bytes are held to it. */
  readonly crc32s: Crc32Column;
  readonly reader: SourceReader;
  /** undefined: those of a process with memory enough. */
  readonly limits?: StreamLimits;
  readonly signal: AbortSignal;
  /** Told again and again, of all that is done by then: bytes of sources, and selected files. */
  readonly onProgress?: (doneBytes: number, doneFileCount: number) => void;
}

/** A compressed archive as its bytes are asked for, and what was learned of CRC-32s on the way. */
export interface CompressedArchive {
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
  readonly learned: Crc32Column;
  /** Entries whose bytes did not have the CRC-32 that was known of them. */
  readonly refuted: ReadonlySet<number>;
}

/** A body of at most so many bytes is received whole before it is compressed; a longer one passes in pieces. */
const wholeBodyBytes = 8 * 1024 * 1024;

/**
 * Makes a zip of all entries of a manifest, in its order, each deflated unless its type is compressed already. How long it
 * becomes nobody knows beforehand, and its bytes depend on the zlib at hand: it has no layout, no ranges, no entity tag of ours.
 *
 * Length and CRC-32 of every body are checked before its last bytes go in. Reading goes ahead as a download's does.
 * Whatever fails ends the chunks before the central directory, so that no reader takes them for a zip. They throw what
 * streamArchive's do: BallError("source-changed"), BallError("source-corrupt"), BallError("source-unreadable") and whatever
 * aborting `signal` gave as its reason.
 */
export function compressArchive(asked: CompressionInput): CompressedArchive {
  const { manifest, reader } = asked;
  // However the chunks end, nothing goes on reading for them.
  const over = new AbortController();
  const signal = AbortSignal.any([asked.signal, over.signal]);
  const input = { ...asked, signal };
  const answers = new Crc32Answers({
    manifest,
    reader,
    contents: undefined,
    known: asked.crc32s,
    isReadAtOnce: () => true,
    signal,
  });
  return { chunks: archiveChunks(input, answers, over), learned: answers.learned, refuted: answers.refuted };
}

async function* archiveChunks(
  input: CompressionInput,
  answers: Crc32Answers,
  over: AbortController,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { manifest, signal, onProgress } = input;
  const ahead = readAhead(input);
  const zip = new ZipWriter(manifest.entryCount, signal);
  const bodies = new EntryBodies({ manifest, ahead, check: new BodyCheck(manifest, answers), onProgress });
  const adding = addAll(manifest, zip, bodies).catch((error: unknown) => zip.fail(error));
  try {
    yield* zip.chunks();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    // Whoever goes on without what is gone wants to know of all that is.
    if (isGone(error)) await ahead.untilAllAnswered();
    throw error;
  } finally {
    ahead.close();
    over.abort();
    await adding;
  }
}

function readAhead({ manifest, reader, signal, limits = limitsFor(undefined) }: CompressionInput) {
  const pace = () => paceFor(reader.firstByteMs(manifest.bucket), limits);
  return new ReadAhead(bodiesAhead({ manifest, reader, signal, pieceBytes: () => pace().pieceBytes }), {
    windowBytes: () => pace().windowBytes,
    connections: (ended) => rampedUp(pace().connections, ended),
    goesOnAfter: isGone,
  });
}

/** Each entry is added when the one before is in the zip. */
async function addAll(manifest: Manifest, zip: ZipWriter, bodies: EntryBodies): Promise<void> {
  for (let entry = 0; entry < manifest.entryCount; entry += 1) {
    const offset = zip.position;
    try {
      await add(manifest, entry, zip, bodies);
    } catch (error) {
      throw placed(error, { entryName: manifest.name(entry), key: manifest.key(entry), offset });
    }
  }
  await zip.finish();
}

async function add(manifest: Manifest, entry: number, zip: ZipWriter, bodies: EntryBodies): Promise<void> {
  const name = manifest.name(entry);
  const date = new Date(manifest.mtimeEpochSeconds(entry) * 1000);
  const written = { name, date, isStored: isCompressedType(name) };
  if (manifest.sizeBytes(entry) > wholeBodyBytes) await zip.addStream(written, bodies.chunks(entry));
  else await zip.addBytes(written, await bodies.whole(entry));
}

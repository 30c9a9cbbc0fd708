import type { Crc32Column } from "../ball/crc32-column.ts";
import type { Manifest } from "../ball/manifest.ts";
import { readBufferBytes, type SourceReader } from "../ball/source.ts";
import type { KnownContents } from "../crc32/known-contents.ts";
import type { ByteRange } from "../layout/byte-range.ts";
import { writeSlice } from "../layout/encode-slice.ts";
import type { Layout } from "../layout/layout.ts";
import { dataOffset } from "../layout/layout.ts";
import { BodyCheck } from "./body-check.ts";
import { Crc32Answers } from "./crc32-answers.ts";
import { Gather } from "./gather.ts";
import { isGone } from "./gone-sources.ts";
import { heldWhole, madeBytes } from "./held-bytes.ts";
import { type Pace, paceFor } from "./pace.ts";
import { type Ahead, ReadAhead } from "./read-ahead.ts";
import { type Step, stepsOf } from "./steps.ts";

export interface ArchiveStreamInput {
  readonly manifest: Manifest;
  readonly layout: Layout;
  readonly crc32s: Crc32Column;
  readonly reader: SourceReader;
  /** CRC-32s that were learned before. */
  readonly contents?: KnownContents;
  /** Bytes of the archive, half-open. */
  readonly range: ByteRange;
  /** Ends all reads of sources. */
  readonly signal: AbortSignal;
  /** Most bytes in memory that were asked for and are not written yet. */
  readonly windowBytes?: number;
}

/** Bytes of a range of an archive as they are asked for, and what was learned of CRC-32s on the way. */
export interface ArchiveStream {
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
  readonly learned: Crc32Column;
  /** Entries whose bytes did not have the CRC-32 that was known, or learned, of them. */
  readonly refuted: ReadonlySet<number>;
}

/** Eight pieces of bodies side by side, or as many small ones as there are connections. */
const defaultWindowBytes = 16 * 1024 * 1024;
/** Room for a header and, beside it, for the read that gives its CRC-32: with less, one would wait for the other. */
const leastWindowBytes = readBufferBytes + 256 * 1024;
/** What an unanswered question for a CRC-32 is counted as, in bytes, so that not too many are asked ahead. */
const reservedPerQuestionBytes = 4 * 1024;
/** What a read is counted as at least: it takes memory of its own, however few its bytes. */
const reservedPerReadBytes = 4 * 1024;

/**
 * Streams a byte range of an archive. The chunks together are exactly the range.
 *
 * CRC-32 and length of every body that lies wholly in the range are checked, and its last bytes are held until
 * they match; a body answered in part is guarded by its pin and its length.
 * The chunks throw: BallError("source-changed"), BallError("source-corrupt"), BallError("source-unreadable") and
 * whatever aborting `signal` gave as its reason.
 */
export function streamArchive(asked: ArchiveStreamInput): ArchiveStream {
  const { manifest, layout, range, reader, contents } = asked;
  // However the chunks end, nothing goes on reading for them.
  const over = new AbortController();
  const signal = AbortSignal.any([asked.signal, over.signal]);
  const input = { ...asked, signal };
  const answers = new Crc32Answers({
    manifest,
    reader,
    contents,
    known: asked.crc32s,
    isReadAtOnce: (entry) => manifest.inlineData(entry) === undefined && isReadAtOnce(layout, range, entry),
    signal,
  });
  const { learned, refuted } = answers;
  return { chunks: ending(archiveChunks(input, answers), over), learned, refuted };
}

/** The same chunks; whoever stops asking for them, or a failure among them, ends what is under way. */
async function* ending(chunks: AsyncIterable<Uint8Array>, over: AbortController): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } finally {
    over.abort();
  }
}

async function* archiveChunks(input: ArchiveStreamInput, answers: Crc32Answers): AsyncGenerator<Uint8Array> {
  const { reader, manifest } = input;
  const pace = () => paceFor(reader.firstByteMs(manifest.bucket));
  const ahead = new ReadAhead(stepsAhead(input, answers, pace), {
    windowBytes: Math.max(input.windowBytes ?? defaultWindowBytes, leastWindowBytes),
    connections: () => pace().connections,
    goesOnAfter: isGone,
  });
  try {
    await ahead.untilFirstAnswered();
    yield* inOrder(ahead, new BodyCheck(manifest, answers));
  } catch (error) {
    // Whoever goes on without what is gone wants to know of all that is.
    if (isGone(error)) await ahead.untilAllAnswered();
    throw error;
  } finally {
    ahead.close();
  }
}

/** Everything in its turn, gathered to chunks that are worth a write. */
async function* inOrder(ahead: ReadAhead<Step>, check: BodyCheck): AsyncGenerator<Uint8Array> {
  const gather = new Gather();
  for (let first = ahead.first(); first !== undefined; first = ahead.first()) {
    // Nothing that could go out waits for what has not come yet.
    const gathered = first.begun.isReady ? [] : gather.flush();
    for (const chunk of gathered) yield chunk;
    const chunks = await first.begun.take();
    if (chunks === undefined) ahead.removeFirst();
    else {
      for (const chunk of checked(first.thing, chunks, check, gather)) yield chunk;
      ahead.release(bytesOf(chunks));
    }
  }
  for (const chunk of gather.flush()) yield chunk;
}

/** What can go out once these bytes of a step are there. Throws what BodyCheck does, ahead of the last bytes of a body. */
function* checked(
  step: Step,
  chunks: readonly Uint8Array[],
  check: BodyCheck,
  gather: Gather,
): Generator<Uint8Array> {
  for (const chunk of chunks) {
    if (step.kind === "read" && step.isWholeBody) check.pass(step.entry, chunk);
    yield* gather.add(chunk);
  }
}

function bytesOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

function* stepsAhead(
  input: ArchiveStreamInput,
  answers: Crc32Answers,
  pace: () => Pace,
): Generator<Ahead<Step>, void, undefined> {
  for (const step of stepsOf(input.layout, input.range, () => pace().pieceBytes)) {
    yield step.kind === "read" ? readStep(input, answers, step) : headersStep(input, answers, step);
  }
}

function readStep(
  { manifest, layout, range, reader, signal }: ArchiveStreamInput,
  answers: Crc32Answers,
  step: Extract<Step, { kind: "read" }>,
): Ahead<Step> {
  const { entry, start, end, lengthBytes } = step;
  const inline = manifest.inlineData(entry)?.subarray(start, end);
  const givesCrc32 = answers.get(entry) === undefined && isReadAtOnce(layout, range, entry);
  const begin = () => {
    if (inline !== undefined) return madeBytes(undefined, () => inline);
    const read = reader.read(manifest.source(entry), { start, end }, signal);
    if (!givesCrc32) return read;
    const held = heldWhole(read);
    held.crc32.then(
      (value) => answers.answer(entry, value),
      (error: unknown) => answers.fail(entry, error),
    );
    return held.begun;
  };
  const reservedBytes = Math.min(Math.max(lengthBytes, reservedPerReadBytes), readBufferBytes);
  return { thing: step, reservedBytes, lengthBytes, usesConnection: inline === undefined, begin };
}

function headersStep(
  { layout }: ArchiveStreamInput,
  answers: Crc32Answers,
  step: Extract<Step, { kind: "headers" }>,
): Ahead<Step> {
  const { slices, lengthBytes } = step;
  const entries = slices.flatMap((slice) => ("entry" in slice ? [slice.entry] : []));
  const unknown = entries.filter((entry) => answers.get(entry) === undefined);
  const make = () => {
    const bytes = Buffer.allocUnsafeSlow(lengthBytes);
    let offset = 0;
    for (const slice of slices) {
      offset = writeSlice(layout, slice, bytes, offset, (entry) => knownCrc32(answers, entry));
    }
    return bytes;
  };
  const begin = () => {
    const asked = unknown.length === 0 ? undefined : Promise.all(unknown.map((entry) => answers.ask(entry)));
    return madeBytes(asked, make);
  };
  const reservedBytes = lengthBytes + unknown.length * reservedPerQuestionBytes;
  return { thing: step, reservedBytes, lengthBytes, usesConnection: false, begin };
}

/** Whether the range has all of an entry's data, few enough to come in one read. */
function isReadAtOnce(layout: Layout, range: ByteRange, entry: number): boolean {
  const start = dataOffset(layout, entry);
  const sizeBytes = layout.source.sizeBytes(entry);
  return sizeBytes <= readBufferBytes && start >= range.start && start + sizeBytes <= range.end;
}

function knownCrc32(answers: Crc32Answers, entry: number): number {
  const value = answers.get(entry);
  if (value === undefined)
    throw new Error(`The CRC-32 of entry ${entry} is not known when its header is made`);
  return value;
}

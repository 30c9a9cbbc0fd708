import type { Crc32Column } from "../ball/crc32-column.ts";
import { type ArchivePlace, placed } from "../ball/errors.ts";
import type { Manifest } from "../ball/manifest.ts";
import { readBufferBytes } from "../ball/source.ts";
import type { KnownContents } from "../crc32/known-contents.ts";
import { type ArchiveSource, isReadAtOnce, stepsAhead } from "./archive-steps.ts";
import { BodyCheck } from "./body-check.ts";
import { Crc32Answers } from "./crc32-answers.ts";
import { Gather } from "./gather.ts";
import { isGone } from "./gone-sources.ts";
import { paceFor, rampedUp } from "./pace.ts";
import { ReadAhead } from "./read-ahead.ts";
import { entriesOf, type Step } from "./steps.ts";
import { limitsFor, type StreamLimits } from "./stream-limits.ts";

/** A range of an archive, what is known of its CRC-32s, and what streaming it may use. */
export interface ArchiveStreamInput extends ArchiveSource {
  readonly crc32s: Crc32Column;
  /** CRC-32s that were learned before. */
  readonly contents?: KnownContents;
  /** undefined: those of a process with memory enough. */
  readonly limits?: StreamLimits;
}

/** Bytes of a range of an archive as they are asked for, and what was learned of CRC-32s on the way. */
export interface ArchiveStream {
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
  readonly learned: Crc32Column;
  /** Entries whose bytes did not have the CRC-32 that was known, or learned, of them. */
  readonly refuted: ReadonlySet<number>;
}

/** Room for a header and, beside it, for the read that gives its CRC-32: with less, one would wait for the other. */
const leastWindowBytes = readBufferBytes + 256 * 1024;

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
  return { chunks: archiveChunks(input, answers, over), learned, refuted };
}

/** All chunks; whoever stops asking for them, or a failure among them, ends what is under way. */
async function* archiveChunks(
  input: ArchiveStreamInput,
  answers: Crc32Answers,
  over: AbortController,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { reader, manifest, limits = limitsFor(undefined) } = input;
  const pace = () => paceFor(reader.firstByteMs(manifest.bucket), limits);
  // Before the first byte it looks as far ahead as it may, for what is gone.
  let hasBegun = false;
  const ahead = new ReadAhead(stepsAhead(input, answers, pace), {
    windowBytes: () => Math.max((hasBegun ? pace() : limits).windowBytes, leastWindowBytes),
    connections: (ended) => rampedUp(pace().connections, ended),
    goesOnAfter: isGone,
  });
  try {
    await ahead.untilFirstAnswered();
    hasBegun = true;
    yield* inOrder(ahead, input, new BodyCheck(manifest, answers));
  } catch (error) {
    // Whoever goes on without what is gone wants to know of all that is.
    if (isGone(error)) await ahead.untilAllAnswered();
    throw error;
  } finally {
    ahead.close();
    over.abort();
  }
}

/** Everything in its turn, gathered to chunks that are worth a write. */
async function* inOrder(
  ahead: ReadAhead<Step>,
  input: ArchiveStreamInput,
  check: BodyCheck,
): AsyncGenerator<Uint8Array> {
  const gather = new Gather();
  let offset = input.range.start;
  for (let first = ahead.first(); first !== undefined; first = ahead.first()) {
    const { thing: step, begun } = first;
    // Nothing that could go out waits for what has not come yet.
    if (!begun.isReady) yield* written(gather.flush(), ahead);
    let chunks: readonly Uint8Array[] | undefined;
    try {
      chunks = begun.isReady ? begun.takeNow() : await begun.take();
      passThrough(check, step, chunks);
    } catch (error) {
      throw failureAt(offset, input, step, error);
    }
    if (chunks === undefined) {
      ahead.removeFirst();
      continue;
    }
    const ready = chunks.flatMap((chunk) => gather.add(chunk));
    if (ready.length > 0) yield* written(ready, ahead);
    offset += lengthOf(chunks);
  }
  if (offset !== input.range.end)
    throw new Error(`The steps gave bytes up to ${offset} where the range ends at ${input.range.end}`);
  yield* written(gather.flush(), ahead);
}

/** Chunks that go out: one has been written when the next is asked for, and all are let go of behind the last. */
async function* written(chunks: readonly Uint8Array[], ahead: ReadAhead<Step>): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield chunk;
  ahead.release(lengthOf(chunks));
}

/** Throws what BodyCheck does, before the last bytes of a body can go out. */
function passThrough(check: BodyCheck, step: Step, chunks: readonly Uint8Array[] = []): void {
  if (step.kind === "headers" || !step.isWholeBody) return;
  for (const chunk of chunks) check.pass(step.entry, chunk);
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const { length } of chunks) bytes += length;
  return bytes;
}

/** A failure, with its place; the signal's reason once that is aborted. */
function failureAt(
  offset: number,
  { signal, manifest }: ArchiveStreamInput,
  step: Step,
  error: unknown,
): unknown {
  return signal.aborted ? signal.reason : placed(error, placeOf(manifest, step, offset));
}

/** Where a step fails, at that offset of the archive. */
function placeOf(manifest: Manifest, step: Step, offset: number): ArchivePlace {
  const entry = step.kind === "read" ? step.entry : entriesOf(step)[0];
  if (entry === undefined) return { entryName: "", key: "", offset };
  return { entryName: manifest.name(entry), key: manifest.key(entry), offset };
}

import { crc32 } from "node:zlib";
import type { Crc32Column } from "../ball/crc32-column.ts";
import { BallError } from "../ball/errors.ts";
import type { Manifest } from "../ball/manifest.ts";
import { maxReadBytes, type SourceReader } from "../ball/source.ts";
import type { KnownContents } from "../crc32/known-contents.ts";
import type { ByteRange } from "../layout/byte-range.ts";
import { writeSlice } from "../layout/encode-slice.ts";
import type { Layout } from "../layout/layout.ts";
import { dataOffset } from "../layout/layout.ts";
import { coalesce } from "./coalesce.ts";
import { Crc32Answers } from "./crc32-answers.ts";
import { isGone } from "./gone-sources.ts";
import { type Ahead, type ReadAheadLimits, readAhead } from "./read-ahead.ts";
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
}

/** Bytes of a range of an archive as they are asked for, and what was learned of CRC-32s on the way. */
export interface ArchiveStream {
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
  readonly learned: Crc32Column;
  /** Entries whose bytes did not have the CRC-32 that was known, or learned, of them. */
  readonly refuted: ReadonlySet<number>;
}

/** Memory and connections one download may use: four large reads, or as many small ones as there are connections. */
const limits: ReadAheadLimits = { windowBytes: 8 * 1024 * 1024, connections: 64, goesOnAfter: isGone };
/** What an unanswered question for a CRC-32 is counted as, in bytes, so that not too many are asked ahead. */
const reservedPerQuestionBytes = 4 * 1024;

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
    isReadAtOnce: (entry) => isReadAtOnce(layout, range, entry),
    signal,
  });
  const { learned, refuted } = answers;
  return { chunks: coalesce(ending(checkedBytes(input, answers), over)), learned, refuted };
}

/** The same chunks; whoever stops asking for them, or a failure among them, ends what is under way. */
async function* ending(chunks: AsyncIterable<Uint8Array>, over: AbortController): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } finally {
    over.abort();
  }
}

interface Done {
  readonly step: Step;
  readonly bytes: Uint8Array;
}

async function* checkedBytes(input: ArchiveStreamInput, answers: Crc32Answers): AsyncGenerator<Uint8Array> {
  let runningCrc32 = 0;
  for await (const { step, bytes } of readAhead(stepsAhead(input, answers), limits)) {
    if (step.kind === "read" && step.isWholeBody) {
      runningCrc32 = crc32(bytes, step.start === 0 ? 0 : runningCrc32);
      const isLast = step.end === input.manifest.sizeBytes(step.entry);
      if (isLast) checkCrc32(input.manifest, step.entry, runningCrc32, answers);
    }
    yield bytes;
  }
}

function* stepsAhead(
  input: ArchiveStreamInput,
  answers: Crc32Answers,
): Generator<Ahead<Done>, void, undefined> {
  for (const step of stepsOf(input.layout, input.range)) {
    yield step.kind === "read" ? readStep(input, answers, step) : headersStep(input, answers, step);
  }
}

function readStep(
  { manifest, layout, range, reader, signal }: ArchiveStreamInput,
  answers: Crc32Answers,
  step: Extract<Step, { kind: "read" }>,
): Ahead<Done> {
  const { entry, start, end } = step;
  const givesCrc32 = isReadAtOnce(layout, range, entry);
  const inline = manifest.inlineData(entry)?.subarray(start, end);
  const run = async () => {
    try {
      const bytes = inline ?? (await reader.read(manifest.source(entry), { start, end }, signal));
      if (givesCrc32 && answers.get(entry) === undefined) answers.answer(entry, crc32(bytes));
      return { step, bytes };
    } catch (error) {
      if (givesCrc32) answers.fail(entry, error);
      throw error;
    }
  };
  return { reservedBytes: step.lengthBytes, usesConnection: inline === undefined, run };
}

function headersStep(
  { layout }: ArchiveStreamInput,
  answers: Crc32Answers,
  step: Extract<Step, { kind: "headers" }>,
): Ahead<Done> {
  const entries = step.slices.flatMap((slice) => ("entry" in slice ? [slice.entry] : []));
  const unknown = entries.filter((entry) => answers.get(entry) === undefined);
  const run = async () => {
    await Promise.all(unknown.map((entry) => answers.ask(entry)));
    const bytes = new Uint8Array(step.lengthBytes);
    let offset = 0;
    for (const slice of step.slices) {
      offset = writeSlice(layout, slice, bytes, offset, (entry) => knownCrc32(answers, entry));
    }
    return { step, bytes };
  };
  const reservedBytes = step.lengthBytes + unknown.length * reservedPerQuestionBytes;
  return { reservedBytes, usesConnection: false, run };
}

/** Whether the range has all of an entry's data, few enough to come in one read. */
function isReadAtOnce(layout: Layout, range: ByteRange, entry: number): boolean {
  const start = dataOffset(layout, entry);
  const sizeBytes = layout.source.sizeBytes(entry);
  return sizeBytes <= maxReadBytes && start >= range.start && start + sizeBytes <= range.end;
}

function knownCrc32(answers: Crc32Answers, entry: number): number {
  const value = answers.get(entry);
  if (value === undefined)
    throw new Error(`The CRC-32 of entry ${entry} is not known when its header is made`);
  return value;
}

/** A body that came whole is what its header says, or what its header will say. */
function checkCrc32(manifest: Manifest, entry: number, found: number, answers: Crc32Answers): void {
  const expected = answers.get(entry);
  if (expected === undefined) answers.answer(entry, found);
  else if (found !== expected) {
    answers.refuted.add(entry);
    throw new BallError(
      "source-corrupt",
      `The bytes of ${JSON.stringify(manifest.key(entry))} have CRC-32 ${hex(found)}, but ${hex(expected)} was expected`,
    );
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}

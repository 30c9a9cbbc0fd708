import type { Manifest } from "../ball/manifest.ts";
import { readBufferBytes, type SourceReader } from "../ball/source.ts";
import type { ByteRange } from "../layout/byte-range.ts";
import { writeSlice } from "../layout/encode-slice.ts";
import type { Layout } from "../layout/layout.ts";
import { dataOffset } from "../layout/layout.ts";
import type { Crc32Answers } from "./crc32-answers.ts";
import { heldWhole, madeBytes } from "./held-bytes.ts";
import type { Pace } from "./pace.ts";
import type { Ahead } from "./read-ahead.ts";
import { entriesOf, type Step, stepsOf } from "./steps.ts";

/** A byte range of an archive, and what its bytes are had from. */
export interface ArchiveSource {
  readonly manifest: Manifest;
  readonly layout: Layout;
  readonly reader: SourceReader;
  /** Bytes of the archive, half-open. */
  readonly range: ByteRange;
  /** Ends all reads of sources. */
  readonly signal: AbortSignal;
}

/** What an unanswered question for a CRC-32 is counted as, in bytes, so that not too many are asked ahead. */
const reservedPerQuestionBytes = 4 * 1024;
/** What a read is counted as at least: it takes memory of its own, however few its bytes. */
const reservedPerReadBytes = 4 * 1024;

/** The steps of a range, and how each is begun ahead of its turn. */
export function* stepsAhead(
  input: ArchiveSource,
  answers: Crc32Answers,
  pace: () => Pace,
): Generator<Ahead<Step>, void, undefined> {
  for (const step of stepsOf(input.layout, input.range, () => pace().pieceBytes)) {
    yield step.kind === "read" ? readStep(input, answers, step) : headersStep(input, answers, step);
  }
}

function readStep(
  { manifest, layout, range, reader, signal }: ArchiveSource,
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
  { layout }: ArchiveSource,
  answers: Crc32Answers,
  step: Extract<Step, { kind: "headers" }>,
): Ahead<Step> {
  const { slices, lengthBytes } = step;
  const unknown = entriesOf(step).filter((entry) => answers.get(entry) === undefined);
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

/** Whether the range has all of an entry's data, and one read can hold it. */
export function isReadAtOnce(layout: Layout, range: ByteRange, entry: number): boolean {
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

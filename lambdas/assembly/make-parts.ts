import { crc32 } from "node:zlib";
import pLimit, { type LimitFunction } from "p-limit";
import pMap from "p-map";
import type { ArchiveUpload, FinishedPart } from "../ball/archive-bucket.ts";
import { isGone } from "../delivery/gone-sources.ts";
import { lengthOfByteRange } from "../layout/byte-range.ts";
import { dataOffset } from "../layout/layout.ts";
import type { CopiedPart, Part, UploadedPart } from "../parts/part-plan.ts";
import type { AssemblyContext } from "./assembly-context.ts";
import { headCrc32, learnCopiedCrc32 } from "./copied-crc32.ts";
import { type FilledPart, fillPart, finishPart } from "./fill-part.ts";
import { isOfObject } from "./object-entries.ts";
import type { OpenAssembly } from "./open-assembly.ts";
import { PartBuffers } from "./part-buffers.ts";
import { entriesBegunIn } from "./part-bytes.ts";

/** Copies under way at a time: S3 does the work, and a worker waits. */
const copyConcurrency = 32;
/** Uploaded parts in memory at a time, unless told otherwise: while one is sent, the next is filled. */
const usualPartsInMemory = 2;
/** Uploaded parts, each with the copies behind it, that are begun at a time. */
const runConcurrency = 64;

export interface PartsInput {
  readonly assembly: OpenAssembly;
  readonly upload: ArchiveUpload;
  readonly parts: readonly Part[];
  /** Number of the first of them. */
  readonly firstNumber: number;
  readonly signal: AbortSignal;
  /** Whether more may be begun. */
  readonly hasTime: () => boolean;
  /** Told of every part that is there, those that were there before too. */
  readonly onFinished: (part: Part, isNew: boolean) => void;
}

/**
 * Makes the parts that are not there yet, and learns the CRC-32s of all entries whose data is in them.
 * Answers whether all are made: they are not when time ran out. The first failure ends what is under way, and is thrown
 * when nothing is any more: what gone sources and wrong CRC-32s fail with is among the assembly's findings then.
 */
export async function makeParts(context: AssemblyContext, input: PartsInput): Promise<boolean> {
  const { upload, parts, firstNumber, onFinished } = input;
  const over = new AbortController();
  const signal = AbortSignal.any([input.signal, over.signal]);
  const listed = (
    await context.archives.parts(upload, firstNumber, firstNumber + parts.length, signal)
  ).filter(({ number, sizeBytes }) => sizeBytes === lengthOfPart(parts[number - firstNumber]));
  const maker = new PartMaker(context, { ...input, signal }, listed);
  for (const { number } of listed) {
    const part = parts[number - firstNumber];
    if (part !== undefined) onFinished(part, false);
  }
  let failure: { readonly error: unknown } | undefined;
  const make = async (run: Run): Promise<boolean> => {
    try {
      return await maker.make(run);
    } catch (error) {
      failure ??= { error };
      over.abort(error);
      return false;
    }
  };
  const made = await pMap(runsOf(parts, firstNumber), make, { concurrency: runConcurrency });
  if (failure !== undefined) throw failure.error;
  return made.every(Boolean);
}

function lengthOfPart(part: Part | undefined): number | undefined {
  return part && lengthOfByteRange(part);
}

interface Numbered<Kind extends Part> {
  readonly number: number;
  readonly part: Kind;
}

/** An uploaded part and the copied ones behind it, which are the rest of the body whose header ends it. */
interface Run {
  readonly uploaded: Numbered<UploadedPart>;
  readonly copied: readonly Numbered<CopiedPart>[];
}

function runsOf(parts: readonly Part[], firstNumber: number): Run[] {
  const runs: { uploaded: Numbered<UploadedPart>; copied: Numbered<CopiedPart>[] }[] = [];
  for (const [index, part] of parts.entries()) {
    const number = firstNumber + index;
    if (part.kind === "uploaded") runs.push({ uploaded: { number, part }, copied: [] });
    else runs.at(-1)?.copied.push({ number, part });
  }
  return runs;
}

/** Makes parts of one upload. */
class PartMaker {
  readonly #context: AssemblyContext;
  readonly #input: PartsInput;
  readonly #there: ReadonlyMap<number, FinishedPart>;
  readonly #copying = pLimit(copyConcurrency);
  readonly #filling: LimitFunction;
  readonly #buffers: PartBuffers;

  constructor(context: AssemblyContext, input: PartsInput, listed: readonly FinishedPart[]) {
    this.#context = context;
    this.#input = input;
    this.#buffers = new PartBuffers(input.parts);
    this.#filling = pLimit(context.partsInMemory ?? usualPartsInMemory);
    this.#there = new Map(listed.map((part) => [part.number, part]));
  }

  /** Answers whether all parts of the run are there. */
  async make(run: Run): Promise<boolean> {
    const copying = Promise.all(run.copied.map((copied) => this.#copying(() => this.#copy(copied))));
    const uploading = this.#isDone(run) ? true : this.#filling(() => this.#upload(run, copying));
    // Both are waited for: neither goes on behind the other's failure.
    const [copied, uploaded] = await Promise.allSettled([copying, uploading]);
    if (copied.status === "rejected") throw copied.reason;
    if (uploaded.status === "rejected") throw uploaded.reason;
    return uploaded.value && copied.value.every((part) => part !== undefined);
  }

  /** Whether the run's uploaded part is there, and all that is to be learned from it is known. */
  #isDone({ uploaded, copied }: Run): boolean {
    const { manifest, layout, crc32s } = this.#input.assembly;
    if (!this.#there.has(uploaded.number)) return false;
    const end = copied.at(-1)?.part.end ?? uploaded.part.end;
    return entriesBegunIn(layout, { start: uploaded.part.start, end }).every(
      (entry) => crc32s.known.isKnown(entry) || !isOfObject(manifest, entry),
    );
  }

  /** undefined when there is no time for it any more. */
  async #copy({ number, part }: Numbered<CopiedPart>): Promise<FinishedPart | undefined> {
    const { assembly, upload, signal, hasTime, onFinished } = this.#input;
    const there = this.#there.get(number);
    if (there !== undefined) return there;
    signal.throwIfAborted();
    if (!hasTime()) return undefined;
    const source = assembly.manifest.source(part.entry);
    const offset = dataOffset(assembly.layout, part.entry);
    const range = { start: part.start - offset, end: part.end - offset };
    try {
      const copied = await this.#context.archives.copyPart(upload, number, { source, range }, signal);
      onFinished(part, true);
      return copied;
    } catch (error) {
      if (isGone(error)) assembly.findings.gone.push({ source, error });
      throw error;
    }
  }

  /**
   * Makes the uploaded part, behind the copies that follow it: only then its last header is known to be right, also where
   * the CRC-32 was known before. Once it is there, nobody looks at that again. Answers whether there was time for it.
   */
  async #upload(
    { uploaded, copied }: Run,
    copying: Promise<readonly (FinishedPart | undefined)[]>,
  ): Promise<boolean> {
    const { assembly, signal, hasTime } = this.#input;
    signal.throwIfAborted();
    if (!hasTime()) return false;
    const buffer = this.#buffers.take();
    const filled = await fillPart(this.#context, assembly, uploaded.part, buffer, signal);
    const entry = copied[0]?.part.entry;
    if (entry !== undefined && !(await this.#learn(entry, filled, await copying))) return false;
    finishPart(assembly, filled);
    await this.#send(uploaded, filled.bytes);
    this.#buffers.giveBack(buffer);
    return true;
  }

  async #send({ number, part }: Numbered<UploadedPart>, bytes: Uint8Array): Promise<void> {
    const { upload, signal, onFinished } = this.#input;
    if (this.#there.has(number)) return;
    await this.#context.archives.uploadPart(upload, number, { bytes, crc32: crc32(bytes) }, signal);
    onFinished(part, true);
  }

  /** Whether the CRC-32 of an entry that is copied could be learned: not when some of it is not copied yet. */
  async #learn(
    entry: number,
    filled: FilledPart,
    copies: readonly (FinishedPart | undefined)[],
  ): Promise<boolean> {
    const { assembly, signal } = this.#input;
    const made = copies.flatMap((copy) => copy ?? []);
    if (made.length < copies.length) return false;
    const head = headCrc32(assembly, entry, filled);
    await learnCopiedCrc32(this.#context, assembly, entry, head, made, signal);
    return true;
  }
}

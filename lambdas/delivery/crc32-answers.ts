import { crc32 } from "node:zlib";
import { Crc32Column } from "../ball/crc32-column.ts";
import type { Manifest } from "../ball/manifest.ts";
import type { SourceReader } from "../ball/source.ts";
import { Crc32Learner } from "../crc32/crc32-learner.ts";
import type { KnownContents } from "../crc32/known-contents.ts";

/** What is known of the entries of one download, and how the rest is learned. */
export interface Crc32AnswersInput {
  readonly manifest: Manifest;
  readonly reader: SourceReader;
  readonly contents: KnownContents | undefined;
  /** What is known so far; it is not changed. */
  readonly known: Crc32Column;
  /** Whether this download reads the entry's data whole and at once anyway, so that its CRC-32 comes for nothing. */
  readonly isReadAtOnce: (entry: number) => boolean;
  readonly signal: AbortSignal;
}

/**
 * CRC-32s of a ball's entries for one download. Bytes wait for them, lengths never do.
 *
 * A header asks for the CRC-32 it needs before it is made. Where the download reads the entry's data whole and at once,
 * the question waits for that read, which is next in order and so never waits for the header: the read answers it, or
 * fails it. Otherwise the source is asked, or read, for the CRC-32 alone. Nothing is asked twice, and what was learned
 * is there to be kept when the download ends.
 */
export class Crc32Answers {
  /** What was learned here. */
  readonly learned: Crc32Column;
  /** Entries whose bytes, read whole, had another CRC-32 than the one that was known of them. */
  readonly refuted = new Set<number>();
  readonly #input: Crc32AnswersInput;
  readonly #questions = new Map<number, PromiseWithResolvers<number>>();
  readonly #learner: Crc32Learner;

  constructor(input: Crc32AnswersInput) {
    this.#input = input;
    this.#learner = new Crc32Learner(input.reader, input.contents);
    this.learned = new Crc32Column(input.known.entryCount);
  }

  /** The CRC-32, as far as it is known by now; of no data it always is, and nobody reads it. */
  get(entry: number): number | undefined {
    if (this.#input.manifest.sizeBytes(entry) === 0) return 0;
    return this.#input.known.get(entry) ?? this.learned.get(entry);
  }

  /** Resolves when the CRC-32 is known, with it. Rejects when it can not be learned. */
  async ask(entry: number): Promise<number> {
    const known = this.get(entry);
    if (known !== undefined) return known;
    const isNew = !this.#questions.has(entry);
    const { promise } = this.#question(entry);
    if (isNew && !this.#input.isReadAtOnce(entry)) this.#learn(entry);
    return await promise;
  }

  /** Tells the CRC-32 of an entry's data, for whoever asks or has asked. */
  answer(entry: number, value: number): void {
    if (this.get(entry) === undefined) this.learned.set(entry, value);
    this.#questions.get(entry)?.resolve(value);
    this.#questions.delete(entry);
  }

  /** Tells that an entry's data, which was to give its CRC-32, can not be read. */
  fail(entry: number, reason: unknown): void {
    this.#question(entry).reject(reason);
  }

  #learn(entry: number): void {
    const { manifest, signal } = this.#input;
    const inline = manifest.inlineData(entry);
    const learning =
      inline === undefined
        ? this.#learner.learn(manifest.source(entry), signal)
        : Promise.resolve(crc32(inline));
    learning.then(
      (value) => this.answer(entry, value),
      (reason: unknown) => this.fail(entry, reason),
    );
  }

  #question(entry: number): PromiseWithResolvers<number> {
    const asked = this.#questions.get(entry);
    if (asked !== undefined) return asked;
    const question = Promise.withResolvers<number>();
    // A failure is told to whoever asks; there may be nobody yet.
    question.promise.catch(() => undefined);
    this.#questions.set(entry, question);
    return question;
  }
}

import pLimit from "p-limit";
import type { Pin } from "../ball/pin.ts";
import type { PinnedSource, SourceObject, SourceReader } from "../ball/source.ts";
import { crc32FromParts } from "./crc32-from-parts.ts";
import type { KnownContents } from "./known-contents.ts";
import { readCrc32 } from "./read-crc32.ts";

/** Questions to S3 and to what is kept at a time: answers are small. */
const askConcurrency = 64;
/** Objects read at a time: each holds as much as one read does. */
const readConcurrency = 2;

/** Learns CRC-32s of pinned source objects, as many at a time as may be: any number may be asked for at once. */
export class Crc32Learner {
  readonly #reader: SourceReader;
  readonly #contents: KnownContents | undefined;
  readonly #asking = pLimit(askConcurrency);
  readonly #reading = pLimit(readConcurrency);

  constructor(reader: SourceReader, contents?: KnownContents) {
    this.#reader = reader;
    this.#contents = contents;
  }

  /**
   * The CRC-32 that was learned before, or that S3 keeps, of the object or of its parts; and where there is none, that
   * of the bytes, read once. Throws: BallError("source-changed") when the object is no longer what was pinned.
   */
  async learn(source: PinnedSource, signal?: AbortSignal): Promise<number> {
    if (source.sizeBytes === 0) return 0;
    const told = await this.#asking(() => this.#ask(source, signal));
    if (typeof told === "number") return told;
    return await this.#reading(() => readCrc32(this.#reader, { ...source, md5: told.md5 }, signal));
  }

  /** The CRC-32 as it is told without reading; where it is not, the object as S3 described it. */
  async #ask(source: PinnedSource, signal: AbortSignal | undefined): Promise<number | SourceObject> {
    const known = await this.#recall(source, source.pin, signal);
    if (known !== undefined) return known;
    const object = await this.#reader.describePinned(source, signal);
    if (typeof object.crc32 === "number") return object.crc32;
    return (await this.#askFurther(source, object, signal)) ?? object;
  }

  /** What is told of an object of which S3 keeps no CRC-32. */
  async #askFurther(
    source: PinnedSource,
    { etag, crc32 }: SourceObject,
    signal: AbortSignal | undefined,
  ): Promise<number | undefined> {
    // What was learned from a listing is kept under the ETag.
    const known =
      source.pin.kind === "version" ? await this.#recall(source, { kind: "etag", etag }, signal) : undefined;
    if (known !== undefined || crc32 !== "in parts") return known;
    return await crc32FromParts(this.#reader, source, signal);
  }

  async #recall(
    { bucket, key }: PinnedSource,
    pin: Pin,
    signal: AbortSignal | undefined,
  ): Promise<number | undefined> {
    try {
      const known = await this.#contents?.find(bucket, [{ key, pin }], signal);
      return known?.[0]?.crc32;
    } catch {
      // Not worth failing for: it is learned again.
      signal?.throwIfAborted();
      return undefined;
    }
  }
}

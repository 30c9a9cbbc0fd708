import pLimit from "p-limit";
import pMap from "p-map";
import { allSelected, BallError, failedWith } from "../ball/errors.ts";
import { pinOf } from "../ball/pin.ts";
import { quotedPath } from "../ball/quoted-path.ts";
import type { PinnedSource, SourceObject, SourceReader } from "../ball/source.ts";
import { ContentsKeeper } from "../crc32/contents-keeper.ts";
import { crc32FromParts } from "../crc32/crc32-from-parts.ts";
import type { KnownContents } from "../crc32/known-contents.ts";
import { readCrc32 } from "../crc32/read-crc32.ts";
import { contentOf, recallContents } from "../crc32/recall-contents.ts";
import { requireReadable } from "./require-readable.ts";

/** Objects looked up together, and such pages at a time. */
const objectsPerPage = 1000;
const pageConcurrency = 4;
/** Objects asked about at a time, of all pages. */
const askConcurrency = 64;
/** Objects read at a time. */
const readConcurrency = 8;

export interface LearnInput {
  readonly reader: SourceReader;
  readonly contents: KnownContents;
  readonly bucket: string;
  /** Any key may be there several times, in the same version or in different ones. */
  readonly objects: readonly SourceObject[];
  /** `told`: what S3 tells of objects is enough; nothing is asked of their parts, nor read. */
  readonly extent: "told" | "all";
  /** Ends the learning, not the creation: what is not known by then stays unknown. */
  readonly deadline: AbortSignal;
}

/**
 * The objects, at the same index, with as many CRC-32s as can be learned before the deadline: what was learned before,
 * then what S3 tells of objects, asked widely, and for the extent `all` then what it tells of the parts they were uploaded
 * in, then by reading those of which it keeps none, the smallest first. What was learned is kept.
 *
 * An object S3 was asked about is taken as it is by then, with its version; one that has a version id is that version.
 * An empty object needs no question.
 * Throws: BallError("source-not-found") for an object or a version that is gone by then.
 */
export async function learnWithinBudget(input: LearnInput): Promise<SourceObject[]> {
  const distinct = [...new Map(input.objects.map((object) => [identityOf(object), object])).values()];
  const learned = await new Learning(input).learn(distinct);
  const byIdentity = new Map(distinct.map((object, index) => [identityOf(object), learned[index]]));
  return input.objects.map((object) => byIdentity.get(identityOf(object)) ?? object);
}

function identityOf({ key, versionId, etag }: SourceObject): string {
  return JSON.stringify([key, versionId, etag]);
}

type Step = (object: SourceObject) => Promise<SourceObject>;

/** The learning for one ball, of objects that are all different. Its lists have the same object at the same index. */
class Learning {
  readonly #input: LearnInput;
  readonly #keeper: ContentsKeeper;
  readonly #asking = pLimit(askConcurrency);

  constructor(input: LearnInput) {
    this.#input = input;
    const { contents, bucket, deadline } = input;
    this.#keeper = new ContentsKeeper({ contents, bucket, signal: deadline });
  }

  async learn(objects: readonly SourceObject[]): Promise<SourceObject[]> {
    const isAll = this.#input.extent === "all";
    const ask = async (page: readonly SourceObject[]) => {
      const told = await this.#ask(page);
      return isAll ? await this.#combineParts(told) : told;
    };
    // Page by page: while the next is looked up, S3 is asked about this one.
    const asked = (await pMap(pagesOf(objects), ask, { concurrency: pageConcurrency })).flat();
    const learned = isAll ? await this.#readRest(asked) : asked;
    await this.#keeper.done();
    return learned;
  }

  /** What was learned before, and what S3 tells of the objects. */
  async #ask(objects: readonly SourceObject[]): Promise<SourceObject[]> {
    const recalled = await this.#recall(objects);
    const described = await this.#map(recalled, "not told", askConcurrency, (object) =>
      this.#asking(() => this.#describe(object)),
    );
    // Now that S3 has told its version, what a download learned of it is found.
    const told = await this.#recall(described);
    for (const object of told.filter((one, index) => one !== described[index])) this.#keep(object);
    return told;
  }

  async #combineParts(objects: readonly SourceObject[]): Promise<SourceObject[]> {
    return await this.#map(objects, "in parts", askConcurrency, (object) =>
      this.#asking(() => this.#combine(object)),
    );
  }

  async #readRest(objects: readonly SourceObject[]): Promise<SourceObject[]> {
    return await this.#map(objects, "not kept", readConcurrency, (object) => this.#read(object));
  }

  async #recall(objects: readonly SourceObject[]): Promise<SourceObject[]> {
    const { contents, bucket, deadline } = this.#input;
    // Not worth failing for: what is not recalled is learned again.
    return await recallContents(contents, bucket, objects, deadline).catch(() => [...objects]);
  }

  /** The version, or the object of that key as it is now. */
  async #describe(object: SourceObject): Promise<SourceObject> {
    const { reader, bucket, deadline } = this.#input;
    const source = this.#sourceOf(object);
    const found =
      source.pin.kind === "etag"
        ? await reader.describe(bucket, object.key, deadline)
        : await reader.describePinned(source, deadline).catch(undefinedIfChanged);
    if (found === undefined) throw deletedMeanwhile(object.key);
    requireReadable(found, allSelected);
    return found;
  }

  async #combine(object: SourceObject): Promise<SourceObject> {
    const { reader, deadline } = this.#input;
    const crc32 = await crc32FromParts(reader, this.#sourceOf(object), deadline);
    return { ...object, crc32: crc32 ?? "not kept" };
  }

  async #read(object: SourceObject): Promise<SourceObject> {
    const { reader, deadline } = this.#input;
    const source = { ...this.#sourceOf(object), md5: object.md5 };
    return { ...object, crc32: await readCrc32(reader, source, deadline) };
  }

  #keep(object: SourceObject): void {
    const content = contentOf(object);
    if (content !== undefined) this.#keeper.keep(content);
  }

  #sourceOf(object: SourceObject): PinnedSource {
    const { key, sizeBytes } = object;
    return { bucket: this.#input.bucket, key, sizeBytes, pin: pinOf(object) };
  }

  /**
   * Takes a step with each object whose CRC-32 is to be learned by it, the smallest first and `concurrency` at a time,
   * until all are done or the deadline has come: the rest stays as it is. One that was replaced since it was described
   * is taken as it is now.
   */
  async #map(
    objects: readonly SourceObject[],
    crc32: SourceObject["crc32"],
    concurrency: number,
    step: Step,
  ): Promise<SourceObject[]> {
    const { deadline } = this.#input;
    const mapped = [...objects];
    const waiting = [...objects.entries()].filter(
      ([, object]) => object.sizeBytes > 0 && object.crc32 === crc32,
    );
    const smallestFirst = waiting.sort(([, left], [, right]) => left.sizeBytes - right.sizeBytes);
    const mapOne = async ([index, object]: [number, SourceObject]) => {
      if (deadline.aborted) return;
      const learned = await this.#orAsItIsNow(object, step);
      mapped[index] = learned;
      this.#keep(learned);
    };
    try {
      await pMap(smallestFirst, mapOne, { concurrency });
    } catch (error) {
      if (!deadline.aborted || error instanceof BallError) throw error;
    }
    return mapped;
  }

  async #orAsItIsNow(object: SourceObject, step: Step): Promise<SourceObject> {
    try {
      return await step(object);
    } catch (error) {
      if (failedWith(error, "source-changed")) return await this.#describe(object);
      throw error;
    }
  }
}

function pagesOf(objects: readonly SourceObject[]): SourceObject[][] {
  return Array.from({ length: Math.ceil(objects.length / objectsPerPage) }, (_, page) =>
    objects.slice(page * objectsPerPage, (page + 1) * objectsPerPage),
  );
}

function undefinedIfChanged(error: unknown): undefined {
  if (!failedWith(error, "source-changed")) throw error;
}

function deletedMeanwhile(key: string): BallError {
  const message = `The object ${quotedPath(key)} was deleted or replaced while the ball was being made; ask again`;
  return new BallError("source-not-found", message, { at: allSelected });
}

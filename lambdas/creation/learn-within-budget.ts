import pMap from "p-map";
import { BallError } from "../ball/errors.ts";
import { pinOf } from "../ball/pin.ts";
import type { PinnedSource, SourceObject, SourceReader } from "../ball/source.ts";
import type { KnownContents } from "../crc32/known-contents.ts";
import { readCrc32 } from "../crc32/read-crc32.ts";
import { requireReadable } from "./require-readable.ts";

/** Objects asked about at a time. */
const describeConcurrency = 64;
/** Objects read at a time. */
const readConcurrency = 8;

export interface LearnInput {
  readonly reader: SourceReader;
  readonly contents: KnownContents;
  readonly bucket: string;
  readonly objects: readonly SourceObject[];
  /** Ends the learning, not the creation: what is not known by then stays unknown. */
  readonly deadline: AbortSignal;
}

/**
 * The objects with as many CRC-32s as can be learned before the deadline: first what S3 tells, asked widely, then by
 * reading those of which S3 keeps none, the smallest first. An object S3 was asked about is taken as it is by then,
 * with its version. An empty object needs no question.
 * Throws: BallError("source-not-found") for an object that was deleted in the meantime.
 */
export async function learnWithinBudget(input: LearnInput): Promise<SourceObject[]> {
  const described = await mapUntil(input.deadline, describeConcurrency, input.objects, (object) =>
    isWithout("not told", object) ? describeAgain(input, object) : object,
  );
  const smallestFirst = described.toSorted((left, right) => left.sizeBytes - right.sizeBytes);
  const learned = await mapUntil(input.deadline, readConcurrency, smallestFirst, (object) =>
    isWithout("not kept", object) ? readOrDescribe(input, object) : object,
  );
  const byKey = new Map(learned.map((object) => [object.key, object]));
  return described.map((object) => byKey.get(object.key) ?? object);
}

function isWithout(crc32: SourceObject["crc32"], object: SourceObject): boolean {
  return object.sizeBytes > 0 && object.crc32 === crc32;
}

async function describeAgain(
  { reader, bucket, deadline }: LearnInput,
  { key }: SourceObject,
): Promise<SourceObject> {
  const object = await reader.describe(bucket, key, deadline);
  if (object === undefined) {
    throw new BallError(
      "source-not-found",
      `The object ${JSON.stringify(`/${key}`)} was deleted while the ball was being made; ask again`,
      { at: "objects" },
    );
  }
  requireReadable(object, "objects");
  return object;
}

async function readOrDescribe(input: LearnInput, object: SourceObject): Promise<SourceObject> {
  const { key, sizeBytes } = object;
  const source: PinnedSource = { bucket: input.bucket, key, sizeBytes, pin: pinOf(object) };
  try {
    return { ...object, crc32: await readCrc32(input.reader, source, input.deadline) };
  } catch (error) {
    // Replaced since it was described: the ball gets the object as it is now.
    if (error instanceof BallError && error.code === "source-changed")
      return await describeAgain(input, object);
    throw error;
  }
}

/** Maps every object, `concurrency` at a time, until all are done or the deadline has come: the rest stays as it is. */
async function mapUntil(
  deadline: AbortSignal,
  concurrency: number,
  objects: readonly SourceObject[],
  map: (object: SourceObject) => Promise<SourceObject> | SourceObject,
): Promise<SourceObject[]> {
  const mapped = [...objects];
  const mapOne = async (object: SourceObject, index: number) => {
    if (!deadline.aborted) mapped[index] = await map(object);
  };
  try {
    await pMap(objects, mapOne, { concurrency });
  } catch (error) {
    if (!deadline.aborted || error instanceof BallError) throw error;
  }
  return mapped;
}

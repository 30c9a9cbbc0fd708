import pMap from "p-map";
import { BallError } from "../ball/errors.ts";
import { pinOf } from "../ball/pin.ts";
import type { PinnedSource, SourceObject, SourceReader } from "../ball/source.ts";
import { readCrc32 } from "../crc32/learn-crc32.ts";
import { requireReadable } from "./gather-sources.ts";

/** Objects asked about at a time. */
const describing = 64;
/** Objects read at a time. */
const reading = 8;

export interface LearnInput {
  readonly reader: SourceReader;
  readonly bucket: string;
  readonly objects: readonly SourceObject[];
  /** Ends the learning, not the creation: what is not known by then stays unknown. */
  readonly deadline: AbortSignal;
}

/**
 * The objects with as many CRC-32s as can be learned before the deadline: first what S3 tells, asked widely, then by
 * reading the rest, the smallest first. An object S3 was asked about is taken as it is by then, with its version.
 * An empty object needs no question.
 * Throws: BallError("source-not-found") for an object that was deleted in the meantime.
 */
export async function learnWithinBudget(input: LearnInput): Promise<SourceObject[]> {
  const objects = [...input.objects];
  const unknown = () => [...objects.keys()].filter((index) => !isKnown(objects[index]));
  await forEachUntil(input.deadline, describing, unknown(), async (index) => {
    const object = objects[index];
    if (object !== undefined) objects[index] = await describeAgain(input, object);
  });
  const bySize = unknown().sort((left, right) => sizeOf(objects[left]) - sizeOf(objects[right]));
  await forEachUntil(input.deadline, reading, bySize, async (index) => {
    const object = objects[index];
    if (object !== undefined) objects[index] = await readOrDescribe(input, object);
  });
  return objects;
}

function isKnown(object: SourceObject | undefined): boolean {
  return object === undefined || object.sizeBytes === 0 || object.crc32 !== undefined;
}

function sizeOf(object: SourceObject | undefined): number {
  return object?.sizeBytes ?? 0;
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

/** Runs a task for every index, `concurrency` at a time, until all are done or the deadline has come. */
async function forEachUntil(
  deadline: AbortSignal,
  concurrency: number,
  indices: readonly number[],
  task: (index: number) => Promise<void>,
): Promise<void> {
  try {
    await pMap(indices, async (index) => (deadline.aborted ? undefined : await task(index)), { concurrency });
  } catch (error) {
    if (!deadline.aborted || error instanceof BallError) throw error;
  }
}

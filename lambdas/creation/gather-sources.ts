import pMap from "p-map";
import { BallError } from "../ball/errors.ts";
import type { SourceObject, SourceReader } from "../ball/source.ts";
import { requireReadable } from "./require-readable.ts";
import { type Selection, selectedPath } from "./selection.ts";

/** Selections looked up at a time; one folder's pages can only be listed one after another. */
const concurrency = 64;

export interface GatherInput {
  readonly reader: SourceReader;
  readonly bucket: string;
  readonly selections: readonly Selection[];
  readonly maxEntries: number;
}

/**
 * The objects that are selected, each once however often it is selected, in the order of the selections and in a
 * folder in the order of their keys' bytes.
 * Throws: BallError("source-not-found") for an object that does not exist or a folder without any object,
 * "source-archived" for an object that can not be read, "too-many-entries" beyond `maxEntries`.
 */
export async function gatherSources(input: GatherInput): Promise<SourceObject[]> {
  const keys = new Set<string>();
  const lookUpOne = (selection: Selection) => lookUp(input, selection, keys);
  const found = await pMap(distinct(input.selections), lookUpOne, { concurrency });
  return [...new Map(found.flat().map((object) => [object.key, object])).values()];
}

/** The first of each that select the same. */
function distinct(selections: readonly Selection[]): Selection[] {
  const seen = new Set<string>();
  return selections.filter((selection) => {
    const countBefore = seen.size;
    return seen.add(`${selection.kind} ${selectedPath(selection)}`).size > countBefore;
  });
}

/** `keys`: of all that was found for any selection, so that too much is noticed before all of it is held. */
async function lookUp(
  { reader, bucket, maxEntries }: GatherInput,
  selection: Selection,
  keys: Set<string>,
): Promise<SourceObject[]> {
  const objects: SourceObject[] = [];
  for await (const page of pagesOf(reader, bucket, selection)) {
    for (const { key } of page) keys.add(key);
    requireAtMost(maxEntries, keys.size);
    objects.push(...page);
  }
  if (objects.length === 0) throw notFound(selection);
  for (const object of objects) requireReadable(object, selection.at);
  return objects;
}

async function* pagesOf(
  reader: SourceReader,
  bucket: string,
  selection: Selection,
): AsyncGenerator<readonly SourceObject[]> {
  if (selection.kind === "folder") yield* reader.list(bucket, selection.prefix);
  else {
    const object = await reader.describe(bucket, selection.key);
    if (object !== undefined) yield [object];
  }
}

/** Throws: BallError("too-many-entries"). */
function requireAtMost(maxEntries: number, count: number): void {
  if (count <= maxEntries) return;
  throw new BallError(
    "too-many-entries",
    `More than ${maxEntries} objects are selected, as many as one ball may have; select fewer, for several balls`,
    { at: "objects" },
  );
}

function notFound(selection: Selection): BallError {
  return selection.kind === "path"
    ? new BallError(
        "source-not-found",
        `There is no object ${JSON.stringify(`/${selection.key}`)}`,
        selection,
      )
    : new BallError(
        "source-not-found",
        `There is no folder ${JSON.stringify(`/${selection.prefix}`)}`,
        selection,
      );
}

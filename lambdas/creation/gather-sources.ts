import pMap from "p-map";
import type { BallError } from "../ball/errors.ts";
import type { SourceObject, SourceReader } from "../ball/source.ts";
import { foldersAbove } from "../naming/folders-above.ts";
import { type FolderSelection, type NewestSelection, selectedPath } from "./found-selection.ts";
import { requireFewEntries, requireFewFolders } from "./limits.ts";
import { requireReadable } from "./require-readable.ts";

/** Selections looked up at a time; one folder's pages can only be listed one after another. */
const concurrency = 64;

type Gatherable = FolderSelection | NewestSelection;

export interface GatherInput {
  readonly reader: SourceReader;
  readonly bucket: string;
  readonly selections: readonly Gatherable[];
  readonly maxEntries: number;
  /** Keys of which older versions are selected, too: a listing does not tell which version it lists. */
  readonly versionedKeys: ReadonlySet<string>;
  /** Says why something is not there. */
  readonly missing: (selection: Gatherable) => Promise<BallError>;
}

/** What one selection selects: a part of what was found for it, or for a selected folder it lies in. */
export interface GatheredPart {
  readonly objects: readonly SourceObject[];
  /** The objects' indices, half-open. */
  readonly start: number;
  readonly end: number;
  /** Whether it lies in another selected folder, which has its objects too. */
  readonly isCovered: boolean;
}

/**
 * The newest objects that are selected, asked for once however often they are: what lies in a selected folder comes
 * with its listing. Objects of a folder are in the order of their keys' bytes. Answers the part of
 * each selection: one for all that select the same.
 * Throws: BallError("source-not-found") for an object that does not exist or a folder without any object,
 * "source-archived" for an object that can not be read, "too-many-entries" beyond `maxEntries`.
 */
export async function gatherSources(input: GatherInput): Promise<(selection: Gatherable) => GatheredPart> {
  const { covered, outermost } = separate(distinct(input.selections));
  const count = { found: 0 };
  const found = await pMap(outermost, (selection) => lookUp(input, selection, count), { concurrency });
  requireFewFolders(found.flat());
  await identify(input, found);
  const parts = new Map<string, GatheredPart>();
  const wanted = new Set(covered.map(nameOf));
  for (const [index, objects] of found.entries()) {
    const selection = outermost[index];
    if (selection === undefined) continue;
    parts.set(nameOf(selection), { objects, start: 0, end: objects.length, isCovered: false });
    if (wanted.size > 0) addCovered(parts, wanted, objects);
  }
  for (const selection of covered) if (!parts.has(nameOf(selection))) throw await input.missing(selection);
  return (selection) => {
    const part = parts.get(nameOf(selection));
    if (part === undefined) throw new RangeError(`${nameOf(selection)} was not asked for`);
    return part;
  };
}

/** One text for all selections of the same. */
function nameOf(selection: Gatherable): string {
  return `${selection.kind} ${selectedPath(selection)}`;
}

/** The first of each that select the same. */
function distinct(selections: readonly Gatherable[]): Gatherable[] {
  return [...new Map(selections.toReversed().map((one) => [nameOf(one), one])).values()].toReversed();
}

/** What lies in a selected folder comes with it, and would be listed once for each folder above it. */
function separate(selections: readonly Gatherable[]): { covered: Gatherable[]; outermost: Gatherable[] } {
  const folders = new Set(selections.flatMap((one) => (one.kind === "folder" ? [one.prefix] : [])));
  const isCovered = (selection: Gatherable) =>
    foldersAbove(selection.kind === "folder" ? "folder" : "object", selectedPath(selection)).some((it) =>
      folders.has(it),
    );
  return {
    covered: selections.filter(isCovered),
    outermost: selections.filter((selection) => !isCovered(selection)),
  };
}

/** Finds the wanted selections among the objects of a folder they may lie in. */
function addCovered(
  parts: Map<string, GatheredPart>,
  wanted: ReadonlySet<string>,
  objects: readonly SourceObject[],
): void {
  for (const [index, { key }] of objects.entries()) {
    const names = [`newest ${key}`, ...foldersAbove("object", key).map((folder) => `folder ${folder}`)];
    for (const name of names) {
      if (!wanted.has(name)) continue;
      // A folder's objects follow each other in a listing.
      const start = parts.get(name)?.start ?? index;
      parts.set(name, { objects, start, end: index + 1, isCovered: true });
    }
  }
}

/** `count`: of all that was found for any selection, so that too much is noticed before all of it is held. */
async function lookUp(
  { reader, bucket, maxEntries, missing }: GatherInput,
  selection: Gatherable,
  count: { found: number },
): Promise<SourceObject[]> {
  const objects: SourceObject[] = [];
  for await (const page of pagesOf(reader, bucket, selection)) {
    count.found += page.length;
    requireFewEntries(maxEntries, count.found);
    for (const object of page) objects.push(object);
  }
  if (objects.length === 0) throw await missing(selection);
  for (const object of objects) requireReadable(object, selection.at);
  return objects;
}

async function* pagesOf(
  reader: SourceReader,
  bucket: string,
  selection: Gatherable,
): AsyncGenerator<readonly SourceObject[]> {
  if (selection.kind === "folder") yield* reader.list(bucket, selection.prefix);
  else {
    const object = await reader.describe(bucket, selection.key);
    if (object !== undefined) yield [object];
  }
}

/** Asks of which version the objects are whose other versions are selected, too. */
async function identify(
  { reader, bucket, versionedKeys }: GatherInput,
  found: readonly SourceObject[][],
): Promise<void> {
  if (versionedKeys.size === 0) return;
  const listed = found.flatMap((objects) =>
    [...objects.entries()]
      .filter(([, { key, crc32 }]) => versionedKeys.has(key) && crc32 === "not told")
      .map(([index, { key }]) => ({ objects, index, key })),
  );
  const ask = async ({ objects, index, key }: (typeof listed)[number]) => {
    const object = await reader.describe(bucket, key);
    // One that was deleted just now stays as it was listed, and is noticed when it is asked for its CRC-32.
    if (object !== undefined) objects[index] = object;
  };
  await pMap(listed, ask, { concurrency });
}

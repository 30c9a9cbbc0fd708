import pMap from "p-map";
import { BallError } from "../ball/errors.ts";
import type { SourceObject, SourceReader } from "../ball/source.ts";
import { requireReadable } from "./require-readable.ts";
import { selectedPath } from "./selected-path.ts";
import type { Selection } from "./selection.ts";

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
  const { covered, outermost } = separate(distinct(input.selections));
  const keys = new Set<string>();
  const found = await pMap(outermost, (selection) => lookUp(input, selection, keys), { concurrency });
  const objects = found.flat();
  requireFewFolders(objects);
  requireAll(covered, keys);
  return [...new Map(objects.map((object) => [object.key, object])).values()];
}

/** The first of each that select the same. */
function distinct(selections: readonly Selection[]): Selection[] {
  return [...new Map(selections.toReversed().map((one) => [selectedPath(one), one])).values()].toReversed();
}

/** What lies in a selected folder comes with it, and would be listed once for each folder above it. */
function separate(selections: readonly Selection[]): { covered: Selection[]; outermost: Selection[] } {
  const folders = new Set(selections.flatMap((one) => (one.kind === "folder" ? [one.prefix] : [])));
  const isCovered = (selection: Selection) =>
    foldersAbove(selectedPath(selection)).some((it) => folders.has(it));
  return {
    covered: selections.filter(isCovered),
    outermost: selections.filter((selection) => !isCovered(selection)),
  };
}

/** Throws: BallError("source-not-found") for a selection that is none of the keys, nor a folder of one. */
function requireAll(selections: readonly Selection[], keys: ReadonlySet<string>): void {
  const missing = new Map(selections.map((selection) => [selectedPath(selection), selection]));
  for (const key of keys) {
    if (missing.size === 0) return;
    missing.delete(key);
    for (const folder of foldersAbove(key)) missing.delete(folder);
  }
  for (const selection of missing.values()) throw notFound(selection);
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
    const object = await reader.describe(bucket, selectedPath(selection));
    if (object !== undefined) yield [object];
  }
}

/** Folders that hold the objects of one ball: each costs memory while names are given. */
const maxFolders = 300_000;

/** Throws: BallError("too-many-entries"). Objects come sorted, so that those of one folder are neighbours. */
function requireFewFolders(objects: readonly SourceObject[]): void {
  let folderCount = 0;
  let before = "";
  for (const { key } of objects) {
    folderCount += foldersAbove(key).filter((folder) => !before.startsWith(folder)).length;
    before = key;
  }
  if (folderCount <= maxFolders) return;
  throw new BallError(
    "too-many-entries",
    `The selected objects are in ${folderCount} folders, and ${maxFolders} are the most one ball may have; select fewer, for several balls`,
    { at: "objects" },
  );
}

/** Prefixes of the folders a key or a folder lies in, the outermost first: `a/` and `a/b/` of `a/b/c` or `a/b/c/`. */
function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (
    let slash = path.indexOf("/");
    slash >= 0 && slash < path.length - 1;
    slash = path.indexOf("/", slash + 1)
  ) {
    folders.push(path.slice(0, slash + 1));
  }
  return folders;
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
  const what = selection.kind === "path" ? "object" : "folder";
  const path = JSON.stringify(`/${selectedPath(selection)}`);
  return new BallError("source-not-found", `There is no ${what} ${path}`, { at: selection.at });
}

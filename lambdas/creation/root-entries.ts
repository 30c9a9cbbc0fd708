import { createHash } from "node:crypto";
import type { SourceObject } from "../ball/source.ts";
import type { RootSelection } from "../naming/item-tree.ts";
import type { NamedItem } from "../naming/named-item.ts";
import { assignRootNames } from "../naming/root-names.ts";
import type { BallEntries, EntryNaming } from "./ball-entries.ts";
import type { RenamedItem } from "./ball-request.ts";
import { type FoundSelection, selectedPath } from "./found-selection.ts";
import { requireFewEntries, requireFewFolders } from "./limits.ts";
import { type PartOf, unifyVersions } from "./unify-versions.ts";

/** One item at the root: a part of the ball's objects. */
interface Item {
  readonly kind: "file" | "folder";
  readonly path: string;
  /** Index of the first selection of it. */
  readonly selection: number;
  /** Indices of its objects in the ball, half-open. */
  readonly start: number;
  readonly end: number;
}

/**
 * A ball in which each selected item stands at the root under its own name, also one that lies in another selected
 * folder; an item is there once, however often it is selected. Overrides have no meaning here.
 * Throws: BallError("too-many-entries"), as the objects of a folder are there again for each folder above it that is
 * selected.
 */
export function rootEntries(
  selections: readonly FoundSelection[],
  partOf: PartOf,
  maxEntries: number,
): BallEntries {
  const objectOf = unifyVersions(selections, partOf);
  const partOfAny = (selection: FoundSelection) =>
    selection.kind === "version" ? partOfOne(objectOf(selection)) : partOf(selection);
  const objects: SourceObject[] = [];
  const items: Item[] = [];
  const seen = new Set<SourceObject | string>();
  for (const [index, selection] of selections.entries()) {
    const part = partOfAny(selection);
    const identity = selection.kind === "folder" ? selection.prefix : part.objects[part.start];
    if (identity === undefined || seen.has(identity)) continue;
    seen.add(identity);
    const start = objects.length;
    const end = start + part.end - part.start;
    requireFewEntries(maxEntries, end);
    for (const object of part.objects.slice(part.start, part.end)) objects.push(object);
    const kind = selection.kind === "folder" ? "folder" : "file";
    items.push({ kind, path: selectedPath(selection), selection: index, start, end });
  }
  requireFewFolders(objects);
  return { objects, name: (learned) => nameItems(items, learned) };
}

const partOfOne = (object: SourceObject) => ({ objects: [object], start: 0, end: 1 });

function nameItems(items: readonly Item[], objects: readonly SourceObject[]): EntryNaming {
  const roots = items.map(
    ({ kind, path, start, end }): RootSelection => ({ kind, path, objects: objects.slice(start, end) }),
  );
  const { names, conflicts } = assignRootNames(roots, sha256Hex);
  const renamedOf = ({ kind, selection, path, originalName, downloadName }: NamedItem): RenamedItem => ({
    kind,
    selection: selection === undefined ? undefined : items[selection]?.selection,
    path,
    originalName,
    downloadName,
  });
  const nameConflicts = conflicts.map(([one, other]) => [renamedOf(one), renamedOf(other)] as const);
  return { names, nameConflicts };
}

function sha256Hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

import { type ItemTree, plantItems, type RootSelection } from "./item-tree.ts";
import { extensionOf } from "./name-length.ts";
import type { NamedItem } from "./named-item.ts";

/** Lower-case hexadecimal digits, six at least, that look like no other text's and are the same for the same text. */
export type HexDigest = (text: string) => string;

export interface RootNames {
  /** Entry names, one for every object of every selection, in their order. */
  readonly names: readonly string[];
  /** Pairs of items that wanted one name; of three and more, each further one is paired with the first. */
  readonly conflicts: readonly (readonly [NamedItem, NamedItem])[];
}

/**
 * Names for an archive in which every selected item stands at the root under its own name, as far as every reader takes
 * it. Wherever two or more in one folder would have one name, all of them are called by six hexadecimal digits instead,
 * files with their extension; docs/naming.md has the rules.
 *
 * Shape: no two files have the same name, nor a file and a folder; no folder is merged with another. The same
 * selections in the same order get the same names.
 * Cost: O(total length of the keys), however many of them conflict; some 500 bytes for every object are kept while it
 * runs.
 */
export function assignRootNames(selections: readonly RootSelection[], digest: HexDigest): RootNames {
  const { roots, items }: ItemTree = plantItems(selections);
  const conflicts: [NamedItem, NamedItem][] = [];
  nameSiblings("", roots, { digest, conflicts });
  return { names: items.map(({ entryName }) => entryName), conflicts };
}

interface Naming {
  readonly digest: HexDigest;
  readonly conflicts: [NamedItem, NamedItem][];
}

/** Names what is in one folder of the archive, and all that is below. */
function nameSiblings(folderName: string, siblings: readonly NamedItem[], naming: Naming): void {
  separateTwins(siblings, naming);
  for (const item of siblings) {
    item.entryName = folderName + item.downloadName + (item.kind === "folder" ? "/" : "");
    if (item.kind === "folder") nameSiblings(item.entryName, item.children, naming);
  }
}

function separateTwins(siblings: readonly NamedItem[], { digest, conflicts }: Naming): void {
  const groups = [...Map.groupBy(siblings, ({ foldedName }) => foldedName)];
  const twins = groups.filter(([, group]) => group.length > 1);
  if (twins.length === 0) return;
  const kept = groups.filter(([, group]) => group.length === 1).map(([foldedName]) => foldedName);
  renameAll(
    twins.flatMap(([, group]) => group),
    new Set(kept),
    digest,
  );
  for (const [, [first, ...others]] of twins) {
    if (first !== undefined) for (const other of others) conflicts.push([first, other]);
  }
}

/** `taken`: folded names that are given in this folder. */
function renameAll(items: readonly NamedItem[], taken: Set<string>, digest: HexDigest): void {
  // Several versions of one path go on where the one before has stopped.
  const attempts = new Map<string, number>();
  for (const item of items) {
    const extension = item.kind === "file" ? extensionOf(item.downloadName) : "";
    let attempt = attempts.get(item.path) ?? 0;
    do {
      attempt += 1;
      // Behind a line break and a number, which a path may hold too: then both are the same, and the next is tried.
      const text = attempt === 1 ? item.path : `${item.path}\n${attempt}`;
      item.downloadName = digest(text).slice(0, digitCount) + extension;
    } while (taken.has(item.foldedName));
    taken.add(item.foldedName);
    attempts.set(item.path, attempt);
  }
}

const digitCount = 6;

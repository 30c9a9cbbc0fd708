import { createHash } from "node:crypto";
import type { RootSelection } from "../../lambdas/naming/item-tree.ts";
import type { NamedItem } from "../../lambdas/naming/named-item.ts";
import { assignRootNames } from "../../lambdas/naming/root-names.ts";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export function file(key: string, sizeBytes = 5): RootSelection {
  return { kind: "file", path: key, objects: [{ key, sizeBytes }] };
}

/** Objects by the rest of their key; those that end in "/" are empty, unless a size is given. */
export function folder(
  path: string,
  ...rests: readonly (string | readonly [string, number])[]
): RootSelection {
  const objects = rests.map((rest) => {
    const [name, sizeBytes] = typeof rest === "string" ? [rest, /^$|\/$/.test(rest) ? 0 : 5] : rest;
    return { key: path + name, sizeBytes };
  });
  return { kind: "folder", path, objects };
}

type Told = [kind: string, selection: number | undefined, path: string, from: string, to: string];

const tell = (item: NamedItem): Told => [
  item.kind,
  item.selection,
  item.path,
  item.originalName,
  item.downloadName,
];

/** What the selections' objects are called, and what is told of those that were renamed. */
export function rootNamesOf(selections: readonly RootSelection[]): {
  names: readonly string[];
  conflicts: [Told, Told][];
} {
  const { names, conflicts } = assignRootNames(selections, sha256);
  return { names, conflicts: conflicts.map(([one, other]) => [tell(one), tell(other)]) };
}

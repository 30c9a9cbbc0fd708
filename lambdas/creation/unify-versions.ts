import type { SourceObject } from "../ball/source.ts";
import type { FoundSelection, VersionSelection } from "./found-selection.ts";
import type { GatheredPart } from "./gather-sources.ts";

/** The parts of what was gathered, by selection. */
export type PartOf = (selection: Exclude<FoundSelection, VersionSelection>) => GatheredPart;

/**
 * Tells which selected versions are the newest of their path that is selected as well: they are the same object. Answers
 * for any selection of a version the one object that stands for it.
 */
export function unifyVersions(
  selections: readonly FoundSelection[],
  partOf: PartOf,
): (selection: VersionSelection) => SourceObject {
  const keys = versionedKeysOf(selections);
  const current = new Map<string, SourceObject>();
  const others = keys.size === 0 ? [] : selections.filter((selection) => selection.kind !== "version");
  for (const { objects, isCovered } of new Set(others.map(partOf))) {
    if (isCovered) continue;
    for (const object of objects) if (keys.has(object.key)) current.set(object.key, object);
  }
  return ({ key, object }) => {
    const newest = current.get(key);
    if (newest === undefined) return object;
    return newest.versionId === object.versionId && newest.etag === object.etag ? newest : object;
  };
}

/** Keys of which versions are selected. */
export function versionedKeysOf(selections: readonly FoundSelection[]): Set<string> {
  return new Set(selections.flatMap((one) => (one.kind === "version" ? [one.key] : [])));
}

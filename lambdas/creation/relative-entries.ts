import type { SourceObject } from "../ball/source.ts";
import { commonBaseFolder } from "../naming/common-base-folder.ts";
import { assignEntryNames } from "../naming/entry-names.ts";
import type { BallEntries } from "./ball-entries.ts";
import { type FoundSelection, selectedPath } from "./found-selection.ts";
import type { GatheredPart } from "./gather-sources.ts";
import { type PartOf, unifyVersions } from "./unify-versions.ts";

/** One entry: an object, under its own name or another that was asked for. */
interface Entry {
  readonly object: SourceObject;
  readonly override: string | undefined;
}

/**
 * A ball whose names are relative to the deepest folder that holds everything selected. An object is there once, however
 * often and in whichever way it is selected, and once more for each other name it was given. Of several versions of a
 * path the newest has its name, and the others carry their number.
 */
export function relativeEntries(selections: readonly FoundSelection[], partOf: PartOf): BallEntries {
  const base = baseFolderOf(selections);
  const entries = new Entries(base);
  const numbers = new Map<SourceObject, number>();
  const objectOf = unifyVersions(selections, partOf);
  for (const selection of selections) {
    if (selection.kind === "version") {
      const object = objectOf(selection);
      if (object === selection.object) numbers.set(object, selection.number);
      entries.add({ object, override: selection.override });
    } else entries.addPart(partOf(selection));
  }
  return entriesOf(entries.all, base, olderVersions(entries.all, numbers));
}

/** `older`: the numbers of older versions, by index of the entry. */
function entriesOf(entries: readonly Entry[], base: string, older: ReadonlyMap<number, number>): BallEntries {
  return {
    objects: entries.map(({ object }) => object),
    name(objects) {
      const nameOf = (index: number) =>
        entries[index]?.override ?? (objects[index]?.key ?? "").slice(base.length);
      const { renamed, dropped } = assignEntryNames({
        count: objects.length,
        nameOf,
        olderVersion: (index) => older.get(index),
        sizeBytes: (index) => objects[index]?.sizeBytes ?? 0,
      });
      const names = objects.map((_, index) =>
        dropped.has(index) ? undefined : (renamed.get(index) ?? nameOf(index)),
      );
      return { names, nameConflicts: [] };
    },
  };
}

/** Objects that are given a path of their own say nothing of where the others are. */
function baseFolderOf(selections: readonly FoundSelection[]): string {
  const named = selections.filter((one) => one.kind !== "version" || one.override === undefined);
  return commonBaseFolder(named.map(selectedPath));
}

/** Entries in their order, each object once under each name. */
class Entries {
  readonly all: Entry[] = [];
  readonly #base: string;
  readonly #parts = new Set<GatheredPart>();
  readonly #underOwnName = new Set<SourceObject>();
  readonly #overrides = new Map<SourceObject, Set<string>>();

  constructor(base: string) {
    this.#base = base;
  }

  add(entry: Entry): void {
    if (!this.#has(entry)) this.all.push(entry);
    const { object, override } = entry;
    if (override === undefined) this.#underOwnName.add(object);
    else this.#overrides.set(object, (this.#overrides.get(object) ?? new Set()).add(override));
  }

  addPart(part: GatheredPart): void {
    // What lies in another selected folder stands where that has it.
    if (part.isCovered || this.#parts.has(part)) return;
    this.#parts.add(part);
    for (const object of part.objects) this.add({ object, override: undefined });
  }

  #has({ object, override }: Entry): boolean {
    const ownName = object.key.slice(this.#base.length);
    const hasOwn = this.#underOwnName.has(object);
    if (override === undefined) return hasOwn || this.#overrides.get(object)?.has(ownName) === true;
    return this.#overrides.get(object)?.has(override) === true || (hasOwn && override === ownName);
  }
}

/**
 * The numbers of versions that are not the newest of their path among the entries that are called after it, by index.
 * `numbers`: of all objects that were selected as versions; an object without one is what is there now.
 */
function olderVersions(
  entries: readonly Entry[],
  numbers: ReadonlyMap<SourceObject, number>,
): ReadonlyMap<number, number> {
  const older = new Map<number, number>();
  if (numbers.size === 0) return older;
  const numberOf = (object: SourceObject) => numbers.get(object) ?? Number.POSITIVE_INFINITY;
  const newest = new Map<string, number>();
  const ownNames = [...entries.entries()].filter(([, { override }]) => override === undefined);
  for (const [, { object }] of ownNames)
    newest.set(object.key, Math.max(newest.get(object.key) ?? 0, numberOf(object)));
  for (const [index, { object }] of ownNames) {
    const number = numberOf(object);
    if (number < (newest.get(object.key) ?? 0)) older.set(index, number);
  }
  return older;
}

import type { SourceObject } from "../ball/source.ts";
import type { RenamedItem } from "./ball-request.ts";

/** What goes into a ball, entry by entry. */
export interface BallEntries {
  /** In the order of the archive; an object may be there several times. */
  readonly objects: readonly SourceObject[];
  /** Names the entries. `objects`: the same, at the same index, by what was learned of them. */
  name(objects: readonly SourceObject[]): EntryNaming;
}

export interface EntryNaming {
  /** By index of the object; undefined for a folder's marker whose folder has an entry already. */
  readonly names: readonly (string | undefined)[];
  readonly nameConflicts: readonly (readonly [RenamedItem, RenamedItem])[];
}

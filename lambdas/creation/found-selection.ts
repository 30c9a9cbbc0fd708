import type { SourceObject } from "../ball/source.ts";

/** A selection once it is known which object an id, a version or a revision means. */
export type FoundSelection = FolderSelection | NewestSelection | VersionSelection;

/** A folder with all that is in it, in the newest versions. */
export interface FolderSelection {
  readonly kind: "folder";
  /** Ends in "/". */
  readonly prefix: string;
  readonly at: string;
}

/** An object as it is now. */
export interface NewestSelection {
  readonly kind: "newest";
  readonly key: string;
  readonly at: string;
}

/** One version of an object. Selections of the same version have the same `object`. */
export interface VersionSelection {
  readonly kind: "version";
  readonly key: string;
  readonly object: SourceObject;
  /** Its number in the catalog. */
  readonly number: number;
  /** Its path in the zip, without a leading slash; undefined: it is called after its key. */
  readonly override: string | undefined;
  readonly at: string;
}

/** The key of a selected object, or the prefix of a selected folder. */
export function selectedPath(selection: FoundSelection): string {
  return selection.kind === "folder" ? selection.prefix : selection.key;
}

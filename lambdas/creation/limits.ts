import { allSelected, BallError } from "../ball/errors.ts";
import { foldersAbove } from "../naming/folders-above.ts";

/** Throws: BallError("too-many-entries"). */
export function requireFewEntries(maxEntries: number, count: number): void {
  if (count <= maxEntries) return;
  throw new BallError(
    "too-many-entries",
    `More than ${maxEntries} objects are selected, as many as one ball may have; select fewer, for several balls`,
    { at: allSelected },
  );
}

/** Folders that hold the objects of one ball: each costs memory while names are given. */
const maxFolders = 300_000;

/** Throws: BallError("too-many-entries"). Objects come sorted, so that those of one folder are neighbours. */
export function requireFewFolders(objects: Iterable<{ readonly key: string }>): void {
  let folderCount = 0;
  let before = "";
  for (const { key } of objects) {
    folderCount += foldersAbove("object", key).filter((folder) => !before.startsWith(folder)).length;
    before = key;
  }
  if (folderCount <= maxFolders) return;
  throw new BallError(
    "too-many-entries",
    `The selected objects are in ${folderCount} folders, and ${maxFolders} are the most one ball may have; select fewer, for several balls`,
    { at: allSelected },
  );
}

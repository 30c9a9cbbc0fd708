import { containingFolder } from "./containing-folder.ts";
import { FolderTree } from "./folder-tree.ts";
import { versionedName } from "./name-length.ts";
import { isSafeComponent, safeComponent } from "./safe-component.ts";

/** The objects of an archive in its order, by index. */
export interface NamedObjects {
  readonly count: number;
  /** The key's part after the base folder. */
  nameOf(index: number): string;
  /** The number of an older version, which gives the name to the newest of its path; undefined for all others. */
  olderVersion?(index: number): number | undefined;
  /** Asked only of names that end in "/": an empty object of such a name marks a folder. */
  sizeBytes(index: number): number;
}

/** Entry names by object index, as far as they are not the object's own name. */
export interface EntryNames {
  readonly renamed: ReadonlyMap<number, string>;
  /** Folder markers without an entry: another marker, of a folder merged with theirs, has it. */
  readonly dropped: ReadonlySet<number>;
}

/**
 * Names for the entries of a ball with `relative` names that every reader and file system takes and keeps apart, as
 * close to the objects' own names as can be; docs/naming.md has the rules. Names that are right as they are come first,
 * so that no name made up for another object or an older version takes theirs. Entries whose name ends in "/" are
 * directories, all others are files.
 *
 * Shape: every object has one entry or is in `dropped`. Names are well-formed Unicode; one of a key of 1,024 bytes
 * is shorter than 16 KiB. The same objects in the same order get the same names, and those names are kept when asked
 * again.
 * Cost: O(total length of the names), least when objects of one folder follow each other; some 500 bytes for every
 * folder and the names of the files are kept while it runs.
 */
export function assignEntryNames(objects: NamedObjects): EntryNames {
  const tree = new FolderTree();
  // Folders before files: of a file and a folder of one name the file gives way, as it moves nothing else.
  for (let index = 0; index < objects.count; index += 1) tree.safeFolder(folderPathOf(objects, index));
  const replaced: number[] = [];
  const older: number[] = [];
  for (let index = 0; index < objects.count; index += 1) {
    if (keepsName(tree, objects, index)) continue;
    (objects.olderVersion?.(index) === undefined ? replaced : older).push(index);
  }
  const waiting = [...replaced, ...older];
  for (const index of waiting) tree.folder(folderPathOf(objects, index));

  const renamed = new Map<number, string>();
  const dropped = new Set<number>();
  for (const index of waiting) {
    const given = givenName(tree, objects, index);
    if (given === undefined) dropped.add(index);
    else renamed.set(index, given);
  }
  return { renamed, dropped };
}

/** The marked folder itself, or the folder the file is in. */
function folderPathOf(objects: NamedObjects, index: number): string {
  const name = objects.nameOf(index);
  const isMarker = name.endsWith("/") && objects.sizeBytes(index) === 0;
  return isMarker ? name : containingFolder(name);
}

function keepsName(tree: FolderTree, objects: NamedObjects, index: number): boolean {
  const folderPath = folderPathOf(objects, index);
  const folder = tree.safeFolder(folderPath);
  if (folder === null || folder.path !== folderPath) return false;
  const name = objects.nameOf(index);
  if (name === folderPath && name !== "") return folder.takeEntry();
  if (objects.olderVersion?.(index) !== undefined) return false;
  const fileName = name.slice(folderPath.length);
  return isSafeComponent(fileName) && folder.takeFile(fileName);
}

/** undefined: a marker whose folder has an entry. */
function givenName(tree: FolderTree, objects: NamedObjects, index: number): string | undefined {
  const folderPath = folderPathOf(objects, index);
  const folder = tree.folder(folderPath);
  const name = objects.nameOf(index);
  if (name === folderPath && name !== "") return folder.takeEntry() ? folder.path : undefined;
  // A file whose key ends in "/" keeps that slash in its component: it is refused there and becomes `_`.
  const fileName = safeComponent(name.slice(folderPath.length));
  const version = objects.olderVersion?.(index);
  return (
    folder.path + folder.takeFreeFile(version === undefined ? fileName : versionedName(fileName, version))
  );
}

import { containingFolder } from "./containing-folder.ts";
import { NamedItem } from "./named-item.ts";

/** An object as far as its name goes. An empty one whose key ends in "/" marks a folder. */
interface NamedObject {
  readonly key: string;
  readonly sizeBytes: number;
}

/** A file or folder that is to stand at an archive's root. */
export interface RootSelection {
  readonly kind: "file" | "folder";
  /** The file's key, or the folder's prefix, which ends in "/". */
  readonly path: string;
  /** The file itself, or all that is in the folder: those of one folder best follow each other. */
  readonly objects: readonly NamedObject[];
}

/** The items of an archive before they have names: folders of the same selection and path are one item. */
export interface ItemTree {
  /** What stands at the root, in the order of the selections. */
  readonly roots: readonly NamedItem[];
  /** The item of every object of every selection, in their order; the folder's own for one that marks a folder. */
  readonly items: readonly NamedItem[];
}

/** The items of the selections, in folders as their keys have them. */
export function plantItems(selections: readonly RootSelection[]): ItemTree {
  const roots: NamedItem[] = [];
  const items: NamedItem[] = [];
  for (const [index, selection] of selections.entries()) {
    if (selection.kind === "folder") plantFolder(selection, index, { roots, items });
    else for (const object of selection.objects) items.push(plantRoot(object, index, roots));
  }
  return { roots, items };
}

interface Growing {
  readonly roots: NamedItem[];
  readonly items: NamedItem[];
}

function plantFolder({ path, objects }: RootSelection, selection: number, { roots, items }: Growing): void {
  const root = plantRoot({ key: path, sizeBytes: 0 }, selection, roots);
  // Listings come sorted: most objects are in the folder of the one before.
  let lastPath = path;
  let lastFolder = root;
  for (const object of objects) {
    const { key } = object;
    if (key === path && !isMarker(object)) {
      items.push(plantRoot(object, undefined, roots));
      continue;
    }
    const folderPath = isMarker(object) ? key : containingFolder(key);
    if (folderPath !== lastPath) {
      lastPath = folderPath;
      lastFolder = descend(root, folderPath.slice(path.length));
    }
    items.push(isMarker(object) ? lastFolder : lastFolder.addFile(key, key.slice(folderPath.length)));
  }
}

function plantRoot(object: NamedObject, selection: number | undefined, roots: NamedItem[]): NamedItem {
  const { key } = object;
  const isFolder = isMarker(object);
  const path = isFolder ? key.slice(0, -1) : key;
  const root = new NamedItem({
    kind: isFolder ? "folder" : "file",
    path,
    originalName: path.slice(containingFolder(key).length),
    selection,
  });
  roots.push(root);
  return root;
}

/** The folder at `rest` below another; `rest` is empty or ends in "/". */
function descend(from: NamedItem, rest: string): NamedItem {
  let folder = from;
  for (const component of rest.split("/").slice(0, -1)) folder = folder.folder(component);
  return folder;
}

function isMarker({ key, sizeBytes }: NamedObject): boolean {
  return sizeBytes === 0 && key.endsWith("/");
}

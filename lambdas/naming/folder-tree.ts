import { containingFolder } from "./containing-folder.ts";
import { Folder } from "./folder.ts";
import { isSafeComponent, safeComponent } from "./safe-component.ts";

/** The archive's folders by their paths in the keys (ending in "/", "" for the root). */
export class FolderTree {
  /** null: some component of the path is not safe, and the folder has not been made yet. */
  readonly #byPath = new Map<string, Folder | null>([["", new Folder("")]]);

  /** The folder of `path`, made if need be; null when a component is not safe. Its safe parents are made all the same. */
  safeFolder(path: string): Folder | null {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known;
    const parentPath = containingFolder(path);
    const parent = this.safeFolder(parentPath);
    const name = path.slice(parentPath.length, -1);
    const folder = parent !== null && isSafeComponent(name) ? parent.folder(name) : null;
    this.#byPath.set(path, folder);
    return folder;
  }

  /** The folder of `path`, made under the safe names of its components if need be. */
  folder(path: string): Folder {
    const known = this.#byPath.get(path);
    if (known) return known;
    const parentPath = containingFolder(path);
    const folder = this.folder(parentPath).folder(safeComponent(path.slice(parentPath.length, -1)));
    this.#byPath.set(path, folder);
    return folder;
  }
}

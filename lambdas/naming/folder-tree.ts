import { Folder } from "./folder.ts";
import { isSafeComponent, safeComponent } from "./safe-component.ts";

/** The archive's folders by their paths in the keys (ending in "/", "" for the root). */
export class FolderTree {
  readonly #root = new Folder("");
  // Listings come sorted: most paths are the one asked for last.
  #lastPath = "";
  #lastFolder = this.#root;

  /** The folder of `path`, made if need be; null when a component is not safe. Its safe parents are made all the same. */
  safeFolder(path: string): Folder | null {
    if (path === this.#lastPath) return this.#lastFolder;
    let folder = this.#root;
    for (const component of componentsOf(path)) {
      if (!isSafeComponent(component)) return null;
      folder = folder.folder(component);
    }
    return this.#remember(path, folder);
  }

  /** The folder of `path`, made under the safe names of its components if need be. */
  folder(path: string): Folder {
    if (path === this.#lastPath) return this.#lastFolder;
    let folder = this.#root;
    for (const component of componentsOf(path)) folder = folder.folder(safeComponent(component));
    return this.#remember(path, folder);
  }

  #remember(path: string, folder: Folder): Folder {
    this.#lastPath = path;
    this.#lastFolder = folder;
    return folder;
  }
}

function componentsOf(path: string): string[] {
  const components = path.split("/");
  components.pop();
  return components;
}

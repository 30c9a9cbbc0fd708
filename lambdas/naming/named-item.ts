import { foldName } from "./fold-name.ts";
import { safeComponent } from "./safe-component.ts";

interface ItemOrigin {
  readonly kind: "file" | "folder";
  readonly path: string;
  readonly originalName: string;
  readonly selection?: number | undefined;
}

/** A file or folder on its way to its name, in an archive whose selected items stand at the root. */
export class NamedItem {
  readonly kind: "file" | "folder";
  /** Its key, or its prefix without the slash at the end. */
  readonly path: string;
  /** The last part of its path, as it is. */
  readonly originalName: string;
  /** Index of the selection it is; undefined for what lies in a selected folder. */
  readonly selection: number | undefined;
  /** What it is called in its folder of the archive: a component that every reader takes, without a slash. */
  downloadName: string;
  /** Its whole name in the archive; a folder's ends in "/". */
  entryName = "";
  /** By their original names; there only where something is in it, as most items are files. */
  #folders: Map<string, NamedItem> | undefined;
  #files: NamedItem[] | undefined;

  constructor({ kind, path, originalName, selection }: ItemOrigin) {
    this.kind = kind;
    this.path = path;
    this.originalName = originalName;
    this.selection = selection;
    this.downloadName = safeComponent(originalName);
  }

  /** One spelling for all names that some file system takes for the same. */
  get foldedName(): string {
    return foldName(this.downloadName);
  }

  /** What is directly in it. */
  get children(): readonly NamedItem[] {
    return [...(this.#folders?.values() ?? []), ...(this.#files ?? [])];
  }

  /** The folder of exactly that name in this one, made if need be. */
  folder(originalName: string): NamedItem {
    this.#folders ??= new Map();
    const present = this.#folders.get(originalName);
    if (present !== undefined) return present;
    const folder = new NamedItem({ kind: "folder", path: `${this.path}/${originalName}`, originalName });
    this.#folders.set(originalName, folder);
    return folder;
  }

  addFile(key: string, originalName: string): NamedItem {
    const file = new NamedItem({ kind: "file", path: key, originalName });
    this.#files ??= [];
    this.#files.push(file);
    return file;
  }
}

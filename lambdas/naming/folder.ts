import { foldName } from "./fold-name.ts";
import { numberedName } from "./name-length.ts";

/** One folder of the archive, and the names taken in it. Names given to it are safe components. */
export class Folder {
  /** As it stands in entry names: ends in "/", or is "" for the archive's root. */
  readonly path: string;
  /** By folded name: the folder of that name, or null for a file. */
  readonly #taken = new Map<string, Folder | null>();
  /** By the folded name they would have: folders that are numbered, as a file has that name. */
  #besideFiles: Map<string, Folder> | undefined;
  /** By folded name with the number 1 (never given): the last number given in that series. */
  #lastNumbers: Map<string, number> | undefined;
  #hasEntry = false;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * The folder `name` in this one, made if need be: the same for every spelling, under the one it was first asked by.
   * Beside a file of that name it is numbered.
   */
  folder(name: string): Folder {
    const folded = foldName(name);
    const present = this.#taken.get(folded) ?? this.#besideFiles?.get(folded);
    if (present) return present;
    if (!this.#taken.has(folded)) return this.#make(name, folded);
    const given = this.#numbered(name);
    const folder = this.#make(given, foldName(given));
    this.#besideFiles ??= new Map();
    this.#besideFiles.set(folded, folder);
    return folder;
  }

  #make(given: string, folded: string): Folder {
    const folder = new Folder(`${this.path}${given}/`);
    this.#taken.set(folded, folder);
    return folder;
  }

  /** Takes `name` for a file; false when a file or a folder has it. */
  takeFile(name: string): boolean {
    const folded = foldName(name);
    if (this.#taken.has(folded)) return false;
    this.#taken.set(folded, null);
    return true;
  }

  /** Takes `name`, or the first `name (2).ext` that is free, for a file, and says which. */
  takeFreeFile(name: string): string {
    if (this.takeFile(name)) return name;
    const given = this.#numbered(name);
    this.#taken.set(foldName(given), null);
    return given;
  }

  /** Takes the folder's own directory entry; false when it is taken. */
  takeEntry(): boolean {
    const isFirst = !this.#hasEntry;
    this.#hasEntry = true;
    return isFirst;
  }

  // The last number is kept for each series: a million twins cost a million steps, not their square.
  #numbered(name: string): string {
    this.#lastNumbers ??= new Map();
    const series = foldName(numberedName(name, 1));
    let number = this.#lastNumbers.get(series) ?? 1;
    let given: string;
    do {
      number += 1;
      given = numberedName(name, number);
    } while (this.#taken.has(foldName(given)));
    this.#lastNumbers.set(series, number);
    return given;
  }
}

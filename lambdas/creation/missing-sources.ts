import { BallError, type BallErrorCode } from "../ball/errors.ts";
import { quotedPath } from "../ball/quoted-path.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { CatalogedVersion } from "../catalog/object-version.ts";
import { revisionOf } from "../catalog/revision.ts";
import type { FolderSelection, NewestSelection } from "./found-selection.ts";
import type { NamedChoice } from "./path-versions.ts";
import type { Selection } from "./selection.ts";

/** Says why what is selected is not there, and what is there instead. Each method answers the error to throw. */
export class MissingSources {
  readonly #catalog: Catalog;
  readonly #bucket: string;

  constructor(catalog: Catalog, bucket: string) {
    this.#catalog = catalog;
    this.#bucket = bucket;
  }

  /** For a folder without any object, and for an object that does not exist or was deleted. */
  async nothingThere(selection: FolderSelection | NewestSelection): Promise<BallError> {
    const { at } = selection;
    if (selection.kind === "folder")
      return notFound(`There is no folder ${quotedPath(selection.prefix)}`, at);
    const versions = await this.#versionsOf(selection.key);
    const problem = `There is no object ${quotedPath(selection.key)}`;
    if (versions.length === 0) return notFound(problem, at);
    const left = `its earlier versions can be selected by number or id: ${numbersOf(versions)}`;
    return notFound(`${problem}: it was deleted; ${left}`, at);
  }

  /** For a version of a path that nobody knows. */
  async noSuchVersion(key: string, choice: NamedChoice, at: string): Promise<BallError> {
    const versions = await this.#versionsOf(key);
    if (versions.length === 0) return notFound(`There is no object ${quotedPath(key)}`, at);
    if (choice.kind === "version")
      return versionNotFound(
        `${quotedPath(key)} has no version ${choice.number}; it has ${numbersOf(versions)}`,
        choice.at,
      );
    const newest = versions.slice(-mostListed).map((version) => revisionOf(version, versions));
    return versionNotFound(
      `${quotedPath(key)} has no version whose revision begins with ${choice.revision}; it has ${newest.join(", ")}`,
      choice.at,
    );
  }

  /** For a version that is known, and that S3 no longer has. */
  async deletedVersion({ key, number }: CatalogedVersion, selection: Selection): Promise<BallError> {
    if (selection.kind !== "path")
      return versionNotFound("The object with this id was deleted or replaced", selection.at);
    const versions = await this.#versionsOf(key);
    const left = versions.length === 0 ? "it has none any more" : `it has ${numbersOf(versions)}`;
    const at = selection.choice.kind === "newest" ? selection.at : selection.choice.at;
    return versionNotFound(`Version ${number} of ${quotedPath(key)} was deleted or replaced; ${left}`, at);
  }

  async #versionsOf(key: string): Promise<readonly CatalogedVersion[]> {
    try {
      return await this.#catalog.versionsOf(this.#bucket, key);
    } catch (error) {
      // Where versions may not be listed less can be said.
      if (error instanceof BallError) return [];
      throw error;
    }
  }
}

/** For an id that is not known, and for one the caller may not know of: nobody can tell them apart. */
export function unknownId(id: string, at: string): BallError {
  return notFound(`There is no object with the id ${id}`, at);
}

/** Most runs of numbers, and most revisions, that one message has. */
const mostListed = 10;

/** `1`, or `1 to 4, 6`: of many the newest. */
function numbersOf(versions: readonly CatalogedVersion[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const { number } of versions) {
    const run = runs.at(-1);
    if (run?.last === number - 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  const texts = runs.map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`));
  return [...(texts.length > mostListed ? ["…"] : []), ...texts.slice(-mostListed)].join(", ");
}

const notFound = (message: string, at: string): BallError => problem("source-not-found", message, at);
const versionNotFound = (message: string, at: string): BallError => problem("version-not-found", message, at);

function problem(code: BallErrorCode, message: string, at: string): BallError {
  return new BallError(code, message, { at });
}

import pMap from "p-map";
import { BallError } from "../ball/errors.ts";
import type { Grant } from "../ball/grant.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { CatalogedVersion } from "../catalog/object-version.ts";
import { type MissingSources, unknownId } from "./missing-sources.ts";
import { type NamedChoice, PathVersions } from "./path-versions.ts";
import type { Selection } from "./selection.ts";

/** Paths looked up at a time. */
const concurrency = 64;

/** Who asks for which versions, and what knows them. */
export interface LookupInput {
  readonly catalog: Catalog;
  readonly missing: MissingSources;
  readonly grant: Grant;
  readonly selections: readonly Selection[];
}

/**
 * The versions that ids, version numbers and revisions mean, as the catalog knows them: S3 may have deleted one since.
 * A path is looked up once, however many of its versions are selected.
 * Throws, naming the place: BallError("source-not-found") for an id that is not known or not covered by the grant, and
 * for a path without any version, BallError("version-not-found"), BallError("revision-ambiguous").
 */
export async function findVersions(input: LookupInput): Promise<ReadonlyMap<Selection, CatalogedVersion>> {
  const { selections } = input;
  const byPath = Map.groupBy(selections.flatMap(namedIn), ({ key }) => key);
  const inPath = ([key, named]: readonly [string, readonly NamingSelection[]]) =>
    findInPath(input, key, named);
  const ids = selections.filter((selection) => selection.kind === "id");
  const [byId, inPaths] = await Promise.all([findByIds(input, ids), pMap(byPath, inPath, { concurrency })]);
  return new Map([...byId, ...inPaths.flat()]);
}

type Found = readonly [selection: Selection, version: CatalogedVersion][];

/** A selection that names a version of its path. */
interface NamingSelection {
  readonly selection: Selection;
  readonly key: string;
  readonly choice: NamedChoice;
}

function namedIn(selection: Selection): NamingSelection[] {
  if (selection.kind !== "path" || selection.choice.kind === "newest") return [];
  return [{ selection, key: selection.key, choice: selection.choice }];
}

async function findInPath(
  { catalog, grant, missing }: LookupInput,
  key: string,
  named: readonly NamingSelection[],
): Promise<Found> {
  // One is nearly always known to the catalog; for several S3 is asked, once.
  const all = named.length > 1 ? new PathVersions(await catalog.versionsOf(grant.bucket, key)) : undefined;
  const found: [Selection, CatalogedVersion][] = [];
  for (const { selection, choice } of named) {
    const listed = all?.only(choice);
    const version = listed ?? (await findOne(selection, choice));
    if (all !== undefined && listed === undefined) throw await missing.deletedVersion(version, selection);
    found.push([selection, version]);
  }
  return found;

  async function findOne({ at }: Selection, choice: NamedChoice): Promise<CatalogedVersion> {
    try {
      return await catalog.findVersion(grant.bucket, key, choice);
    } catch (error) {
      if (!(error instanceof BallError)) throw error;
      if (error.code === "version-not-found") throw await missing.noSuchVersion(key, choice, at);
      throw new BallError(error.code, error.message, { at: choice.at, cause: error });
    }
  }
}

async function findByIds(
  { catalog, grant }: LookupInput,
  selected: readonly (Selection & { kind: "id" })[],
): Promise<Found> {
  const versions = await catalog.findByIds(grant, new Set(selected.map(({ id }) => id)));
  return selected.map((selection) => {
    const version = versions.get(selection.id);
    if (version === undefined) throw unknownId(selection.id, selection.at);
    return [selection, version];
  });
}

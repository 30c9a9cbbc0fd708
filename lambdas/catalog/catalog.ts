import { BallError } from "../ball/errors.ts";
import type { Grant } from "../ball/grant.ts";
import { quotedPath } from "../ball/quoted-path.ts";
import { findByIds } from "./find-by-ids.ts";
import { objectIdOf } from "./object-id.ts";
import type { CatalogedVersion } from "./object-version.ts";
import { type CatalogPorts, type RecordedPath, recordPath } from "./record-versions.ts";
import { hasRevision } from "./revision.ts";

/** One version of a path, named by its number or by leading digits of its revision. */
type NamedVersion =
  | { readonly kind: "version"; readonly number: number }
  | { readonly kind: "revision"; readonly revision: string };

/**
 * Ids, numbers and revisions of object versions. What it does not know yet it learns from S3 when it is asked.
 * Throws, wherever S3 is asked: BallError("source-forbidden"), BallError("source-unreadable").
 */
export interface Catalog {
  /** The versions of a path that S3 has now, oldest first; empty when there is none. */
  versionsOf(bucket: string, key: string): Promise<readonly CatalogedVersion[]>;
  /**
   * One version of a path; S3 may have deleted it since. For a number that the catalog knows S3 is not asked.
   * Throws: BallError("version-not-found"), BallError("revision-ambiguous").
   */
  findVersion(bucket: string, key: string, named: NamedVersion): Promise<CatalogedVersion>;
  /**
   * The versions that ids belong to, by id, also those that S3 has deleted since. Without those of ids that were never
   * given, and of ids that the grant does not cover: nobody can tell them apart.
   */
  findByIds(grant: Grant, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, CatalogedVersion>>;
}

/** The catalog, over what is stored of it and what S3 lists. */
export function createCatalog(ports: CatalogPorts): Catalog {
  return {
    versionsOf: (bucket, key) => versionsOf(ports, bucket, key),
    findVersion: (bucket, key, named) =>
      named.kind === "version"
        ? findNumber(ports, bucket, key, named)
        : findRevision(ports, bucket, key, named),
    findByIds: (grant, ids) => findByIds(ports, grant, ids),
  };
}

async function versionsOf(ports: CatalogPorts, bucket: string, key: string): Promise<CatalogedVersion[]> {
  return listedVersions(bucket, await recordPath(ports, bucket, key));
}

/** Oldest first, in S3's order and with its times: an object without a version id may have been uploaded again. */
function listedVersions(bucket: string, { listed, known }: RecordedPath): CatalogedVersion[] {
  const knownById = new Map(known.map((version) => [version.id, version]));
  return listed.toReversed().flatMap((version) => {
    const cataloged = knownById.get(objectIdOf(bucket, version));
    return cataloged === undefined ? [] : [{ ...cataloged, ...version }];
  });
}

async function findNumber(
  ports: CatalogPorts,
  bucket: string,
  key: string,
  named: NamedVersion & { kind: "version" },
): Promise<CatalogedVersion> {
  const isIt = ({ number }: CatalogedVersion) => number === named.number;
  const known = (await ports.store.versionsOf(bucket, key)).find(isIt);
  const found = known ?? (await recordPath(ports, bucket, key)).known.find(isIt);
  if (found === undefined) throw notFound(key, named);
  return found;
}

/** S3 is asked always: an upload that the catalog has not seen may be meant too, or instead of one deleted since. */
async function findRevision(
  ports: CatalogPorts,
  bucket: string,
  key: string,
  named: NamedVersion & { kind: "revision" },
): Promise<CatalogedVersion> {
  const isIt = (version: CatalogedVersion) => hasRevision(version, named.revision);
  const recorded = await recordPath(ports, bucket, key);
  const candidates = listedVersions(bucket, recorded).filter(isIt);
  const [found = recorded.known.findLast(isIt), ...others] = candidates;
  if (found === undefined) throw notFound(key, named);
  if (others.length > 0) throw ambiguous(key, named, candidates);
  return found;
}

function notFound(key: string, named: NamedVersion): BallError {
  return new BallError("version-not-found", `${quotedPath(key)} has no ${textOf(named)}`);
}

function ambiguous(key: string, named: NamedVersion, candidates: readonly CatalogedVersion[]): BallError {
  const numbers = candidates.map(({ number }) => number).join(", ");
  return new BallError(
    "revision-ambiguous",
    `Of ${quotedPath(key)} versions ${numbers} begin with ${textOf(named)}; give more digits of it, or the version's number`,
  );
}

const textOf = (named: NamedVersion): string =>
  named.kind === "version" ? `version ${named.number}` : `revision ${JSON.stringify(named.revision)}`;

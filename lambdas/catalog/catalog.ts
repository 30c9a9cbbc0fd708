import { BallError } from "../ball/errors.ts";
import { quotedPath } from "../ball/quoted-path.ts";
import { objectIdOf } from "./object-id.ts";
import type { CatalogedVersion } from "./object-version.ts";
import { type CatalogPorts, recordPath } from "./record-versions.ts";
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
   * One version of a path. S3 is asked only for what the catalog does not know: it may have deleted the version since.
   * Throws: BallError("version-not-found"), BallError("revision-ambiguous").
   */
  findVersion(bucket: string, key: string, named: NamedVersion): Promise<CatalogedVersion>;
  /** The version an id belongs to, also when S3 has deleted it since; undefined for an id that was never given. */
  findById(id: string): Promise<CatalogedVersion | undefined>;
}

/** The catalog, over what is stored of it and what S3 lists. */
export function createCatalog(ports: CatalogPorts): Catalog {
  return {
    versionsOf: (bucket, key) => versionsOf(ports, bucket, key),
    findVersion: (bucket, key, named) => findVersion(ports, bucket, key, named),
    findById: (id) => findById(ports, id),
  };
}

async function versionsOf(ports: CatalogPorts, bucket: string, key: string): Promise<CatalogedVersion[]> {
  const { listed, known } = await recordPath(ports, bucket, key);
  const knownById = new Map(known.map((version) => [version.id, version]));
  // In S3's order, and with its times: an object without a version id may have been uploaded again.
  return listed.toReversed().flatMap((version) => {
    const cataloged = knownById.get(objectIdOf(bucket, version));
    return cataloged === undefined ? [] : [{ ...cataloged, ...version }];
  });
}

async function findVersion(
  ports: CatalogPorts,
  bucket: string,
  key: string,
  named: NamedVersion,
): Promise<CatalogedVersion> {
  const isNamed = (version: CatalogedVersion) =>
    named.kind === "version" ? version.number === named.number : hasRevision(version, named.revision);
  const [known, ...more] = (await ports.store.versionsOf(bucket, key)).filter(isNamed);
  if (known !== undefined && more.length === 0) return known;
  // Of several, S3 may have deleted all but one.
  const candidates = (await versionsOf(ports, bucket, key)).filter(isNamed);
  const [found, ...others] = candidates;
  if (found === undefined) throw notFound(key, named);
  if (others.length > 0) throw ambiguous(key, named, candidates);
  return found;
}

async function findById(ports: CatalogPorts, id: string): Promise<CatalogedVersion | undefined> {
  const path = await ports.store.pathOfId(id);
  if (path === undefined) return undefined;
  const { bucket, key } = path;
  const isIt = (version: CatalogedVersion) => version.id === id;
  const known = (await ports.store.versionsOf(bucket, key)).find(isIt);
  // Whoever gave the id may not have come to the number.
  return known ?? (await versionsOf(ports, bucket, key)).find(isIt);
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

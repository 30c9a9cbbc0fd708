import { numberVersions } from "./number-versions.ts";
import type { CatalogedVersion, ObjectVersion } from "./object-version.ts";
import type { CatalogStore, VersionLister } from "./ports.ts";

export interface CatalogPorts {
  readonly store: CatalogStore;
  readonly lister: VersionLister;
}

/** What the catalog knows of one path once it has seen what S3 has. */
export interface RecordedPath {
  /** Versions that S3 has, newest first. */
  readonly listed: readonly ObjectVersion[];
  /** All versions the catalog knows, also those deleted since, oldest first. */
  readonly known: readonly CatalogedVersion[];
}

/**
 * Adds to the catalog what S3 has of a path and the catalog does not know. Any number of recorders may do so at once:
 * a number is given once, and who finds it taken looks again. Each such loss is another's progress, so that it ends.
 */
export async function recordPath(
  { store, lister }: CatalogPorts,
  bucket: string,
  key: string,
): Promise<RecordedPath> {
  for (;;) {
    // In this order: what is listed but was not known before is younger than all that was (docs/versions.md).
    const known = await store.versionsOf(bucket, key);
    const listed = await lister.versionsOf(bucket, key);
    const added = numberVersions(bucket, known, listed);
    if (await addInOrder(store, added)) return { listed, known: [...known, ...added] };
  }
}

/** A path that was listed already. */
export interface ListedPath {
  readonly key: string;
  /** Versions that S3 has, newest first; one at least. */
  readonly listed: readonly ObjectVersion[];
  /** The first version that the catalog knows; undefined where it does not seem to know any. */
  readonly first: CatalogedVersion | undefined;
}

/**
 * The same for a path that was listed already, as fast as can be for the most of them, which have one version and are
 * known, or are not known at all: neither the catalog nor S3 is asked about these. Answers how many versions were new.
 */
export async function recordListed(
  ports: CatalogPorts,
  bucket: string,
  { key, listed, first }: ListedPath,
): Promise<number> {
  if (numberVersions(bucket, first === undefined ? [] : [first], listed).length === 0) return 0;
  const presumed = numberVersions(bucket, [], listed);
  if (first === undefined && (await addInOrder(ports.store, presumed))) return presumed.length;
  const known = await ports.store.versionsOf(bucket, key);
  if (numberVersions(bucket, known, listed).length === 0) return 0;
  return (await recordPath(ports, bucket, key)).known.length - known.length;
}

/** One after another, so that what is known never has a gap. False when a number was taken. */
async function addInOrder(store: CatalogStore, versions: readonly CatalogedVersion[]): Promise<boolean> {
  for (const version of versions) {
    if (!(await store.add(version))) return false;
  }
  return true;
}

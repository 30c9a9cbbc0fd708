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

/**
 * The same for a path that was listed already, as fast as can be where the catalog does not know it yet: it is not even
 * asked. Answers how many versions were new.
 */
export async function recordListed(
  ports: CatalogPorts,
  bucket: string,
  key: string,
  listed: readonly ObjectVersion[],
): Promise<number> {
  const { store } = ports;
  const presumed = numberVersions(bucket, [], listed);
  if (await addInOrder(store, presumed)) return presumed.length;
  const known = await store.versionsOf(bucket, key);
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

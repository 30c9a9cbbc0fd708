import type { CatalogedVersion, ObjectVersion } from "./object-version.ts";

/** Where the versions of an object are. */
export interface ObjectPath {
  readonly bucket: string;
  readonly key: string;
}

/** What is known of every version of every object. */
export interface CatalogStore {
  /** All versions of a path that the catalog knows, also those deleted since, oldest first. Strongly consistent. */
  versionsOf(bucket: string, key: string): Promise<readonly CatalogedVersion[]>;
  /** The first version of each of those paths that the catalog knows, in any order. One added just now may be missed. */
  firstVersionsOf(bucket: string, keys: readonly string[]): Promise<readonly CatalogedVersion[]>;
  /**
   * Adds a version under its number; false when another version has that number by now. Whoever sees the version can
   * find it by its id.
   */
  add(version: CatalogedVersion): Promise<boolean>;
  /** The paths that ids were given to, by id; without ids that were never given. Strongly consistent. */
  pathsOfIds(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, ObjectPath>>;
}

/** The versions that S3 has. Throws: BallError("source-forbidden"), BallError("source-unreadable"). */
export interface VersionLister {
  /** All versions of one key, newest first; deletion markers are none. */
  versionsOf(bucket: string, key: string): Promise<readonly ObjectVersion[]>;
  /**
   * All versions of all keys that begin with `prefix`, page by page: keys in order of their bytes, the versions of a
   * key newest first. `after`: goes on behind this key.
   */
  allVersions(bucket: string, prefix: string, after?: string): AsyncIterable<readonly ObjectVersion[]>;
}

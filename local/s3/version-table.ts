import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Bucket } from "./bucket-table.ts";
import type { Checksum } from "./checksums.ts";
import type { ContentTable } from "./content-table.ts";
import { type DeleteMarker, type ObjectVersion, type Version, versionOf } from "./version.ts";

/** What a new version of an object consists of. */
export type NewObject = Pick<
  ObjectVersion,
  "key" | "modifiedAt" | "size" | "etag" | "storageClass" | "contentId"
> & { readonly checksum: Checksum; readonly headers: Readonly<Record<string, string>> };

/**
 * Versions and delete markers of all keys, with S3's rules of what a write or a deletion does to them in an
 * unversioned, a versioned and a suspended bucket ("Using versioning in S3 buckets"). Writes belong into a
 * transaction of the store.
 */
export class VersionTable {
  readonly #contents: ContentTable;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: DatabaseSync, contents: ContentTable) {
    this.#contents = contents;
    this.#statements = prepareStatements(database);
  }

  latest(bucket: Bucket, key: string): Version | undefined {
    const row = this.#statements.latest.get(bucket.id, key);
    return row === undefined ? undefined : versionOf(row);
  }

  byVersionId(bucket: Bucket, key: string, versionId: string): Version | undefined {
    const row = this.#statements.byVersionId.get(bucket.id, key, versionId);
    return row === undefined ? undefined : versionOf(row);
  }

  hasAny(bucket: Bucket): boolean {
    return this.#statements.any.get(bucket.id) !== undefined;
  }

  /** Makes `object` the latest version of its key; returns its version id. */
  put(bucket: Bucket, object: NewObject): string {
    const { key, modifiedAt, size, etag, storageClass, contentId, checksum, headers } = object;
    const { algorithm, type, value } = checksum;
    const versionId = this.#makeRoom(bucket, key);
    const of = [bucket.id, key, versionId, 0, modifiedAt, size, etag, storageClass] as const;
    this.#statements.add.run(...of, algorithm, type, value, contentId, JSON.stringify(headers));
    return versionId;
  }

  /**
   * Deletes without naming a version: takes the object away in an unversioned bucket, else puts a delete marker on
   * top, which is returned.
   */
  deleteLatest(bucket: Bucket, key: string, modifiedAt: number): Pick<DeleteMarker, "versionId"> | undefined {
    const versionId = this.#makeRoom(bucket, key);
    if (bucket.versioning === "Unversioned") return undefined;
    const of = [bucket.id, key, versionId, 1, modifiedAt, 0, "", "STANDARD"] as const;
    this.#statements.add.run(...of, null, null, null, null, "{}");
    return { versionId };
  }

  /** Deletes one version for good; returns what it was. */
  deleteVersion(bucket: Bucket, key: string, versionId: string): Version | undefined {
    const version = this.byVersionId(bucket, key, versionId);
    if (version === undefined) return undefined;
    this.#remove(version);
    if (version.isLatest) this.#statements.raise.run(bucket.id, key);
    return version;
  }

  /** The latest versions that are objects, by key, from `from` inclusive to `until` exclusive. */
  scanLatest(bucket: Bucket, { from, until }: KeyRange): Iterable<Version> {
    return mapped(this.#statements.scanLatest.iterate(bucket.id, from, until ?? beyondAllText));
  }

  /** All versions by key, the newest of a key first; of key `from` only those older than `olderThan`. */
  scanAll(bucket: Bucket, { from, until }: KeyRange, olderThan?: number): Iterable<Version> {
    const oldest = olderThan ?? Number.MAX_SAFE_INTEGER;
    return mapped(this.#statements.scanAll.iterate(bucket.id, from, until ?? beyondAllText, from, oldest));
  }

  /** Takes away what a new latest version replaces, and returns the new version's id. */
  #makeRoom(bucket: Bucket, key: string): string {
    if (bucket.versioning !== "Enabled") {
      const replaced = this.byVersionId(bucket, key, "null");
      if (replaced !== undefined) this.#remove(replaced);
    }
    if (bucket.versioning !== "Unversioned") this.#statements.lower.run(bucket.id, key);
    return bucket.versioning === "Enabled" ? randomBytes(24).toString("base64url") : "null";
  }

  #remove(version: Version): void {
    this.#statements.remove.run(version.id);
    if (version.kind === "object") this.#contents.release(version.contentId);
  }
}

/** Keys in order of their UTF-8 bytes; without `until` to the last. */
export interface KeyRange {
  readonly from: string;
  readonly until: string | undefined;
}

/** SQLite orders every BLOB after every TEXT. */
const beyondAllText = new Uint8Array(0);

function* mapped(rows: Iterable<Parameters<typeof versionOf>[0]>): Generator<Version> {
  for (const row of rows) yield versionOf(row);
}

function prepareStatements(database: DatabaseSync) {
  return {
    latest: database.prepare("SELECT * FROM versions WHERE bucket_id = ? AND key = ? AND is_latest = 1"),
    byVersionId: database.prepare(
      "SELECT * FROM versions WHERE bucket_id = ? AND key = ? AND version_id = ?",
    ),
    any: database.prepare("SELECT 1 FROM versions WHERE bucket_id = ? LIMIT 1"),
    add: database.prepare(`
      INSERT INTO versions (bucket_id, key, version_id, is_latest, is_delete_marker, modified_at, size, etag,
        storage_class, checksum_algorithm, checksum_type, checksum_value, content_id, headers)
      VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    remove: database.prepare("DELETE FROM versions WHERE id = ?"),
    lower: database.prepare(
      "UPDATE versions SET is_latest = 0 WHERE bucket_id = ? AND key = ? AND is_latest = 1",
    ),
    raise: database.prepare(`
      UPDATE versions SET is_latest = 1 WHERE id =
        (SELECT id FROM versions WHERE bucket_id = ? AND key = ? ORDER BY id DESC LIMIT 1)`),
    scanLatest: database.prepare(`
      SELECT * FROM versions WHERE bucket_id = ? AND key >= ? AND key < ? AND is_latest = 1 AND is_delete_marker = 0
      ORDER BY key`),
    scanAll: database.prepare(`
      SELECT * FROM versions WHERE bucket_id = ? AND key >= ? AND key < ? AND (key <> ? OR id < ?)
      ORDER BY key, id DESC`),
  };
}

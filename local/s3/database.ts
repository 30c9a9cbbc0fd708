import { DatabaseSync } from "node:sqlite";

/**
 * Everything but bodies. Keys are TEXT: SQLite compares it as UTF-8 bytes, which is S3's order of keys.
 *
 * - versions: one row for each version and delete marker; `id` grows with every commit, so the newest version of a
 *   key has its largest.
 * - extents: what a content consists of. A content belongs to one version or one uploaded part; several contents
 *   may refer to the same body.
 * - milestones: of a body of 64 KiB or more, the CRC-32s of its beginnings.
 * - content_parts: the parts a content was uploaded in, where it was.
 * - event_buckets: the buckets whose changes are told to EventBridge.
 * - outbox: events that are still to be delivered.
 * - removed_bodies: files that lost their last reference in a transaction and still have to go.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS buckets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    versioning TEXT NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS event_buckets (bucket_id INTEGER PRIMARY KEY REFERENCES buckets) STRICT;
  CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket_id INTEGER NOT NULL REFERENCES buckets,
    key TEXT NOT NULL,
    version_id TEXT NOT NULL,
    is_latest INTEGER NOT NULL,
    is_delete_marker INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    storage_class TEXT NOT NULL,
    checksum_algorithm TEXT,
    checksum_type TEXT,
    checksum_value TEXT,
    content_id INTEGER,
    headers TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS versions_by_key ON versions (bucket_id, key, id DESC);
  CREATE UNIQUE INDEX IF NOT EXISTS latest_versions ON versions (bucket_id, key) WHERE is_latest = 1;

  CREATE TABLE IF NOT EXISTS contents (id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;
  CREATE TABLE IF NOT EXISTS extents (
    content_id INTEGER NOT NULL,
    start INTEGER NOT NULL,
    length INTEGER NOT NULL,
    body_id TEXT NOT NULL,
    body_offset INTEGER NOT NULL,
    PRIMARY KEY (content_id, start)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS extents_by_body ON extents (body_id);
  CREATE TABLE IF NOT EXISTS milestones (body_id TEXT PRIMARY KEY, crcs BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS content_parts (
    content_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    size INTEGER NOT NULL,
    checksum_value TEXT NOT NULL,
    PRIMARY KEY (content_id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS removed_bodies (body_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

  CREATE TABLE IF NOT EXISTS uploads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    upload_id TEXT NOT NULL UNIQUE,
    bucket_id INTEGER NOT NULL REFERENCES buckets,
    key TEXT NOT NULL,
    initiated_at INTEGER NOT NULL,
    storage_class TEXT NOT NULL,
    checksum_algorithm TEXT NOT NULL,
    checksum_type TEXT NOT NULL,
    is_checksum_chosen INTEGER NOT NULL,
    headers TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket_id, key, id);
  CREATE TABLE IF NOT EXISTS parts (
    upload INTEGER NOT NULL REFERENCES uploads,
    number INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    checksum_value TEXT NOT NULL,
    modified_at INTEGER NOT NULL,
    content_id INTEGER NOT NULL,
    PRIMARY KEY (upload, number)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Opens the database and makes its tables when they are missing.
 * What was committed survives the end of the process at any moment; a power cut may take the last commits.
 */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  // Exclusive: a second server on the same directory must not start.
  database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  database.exec("PRAGMA cache_size = -8000;");
  database.exec(schema);
  return database;
}

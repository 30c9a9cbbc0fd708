import type { DatabaseSync } from "node:sqlite";
import { integer, type Row, text } from "./rows.ts";

export type Versioning = "Unversioned" | "Enabled" | "Suspended";

export interface Bucket {
  readonly id: number;
  readonly name: string;
  readonly createdAt: Date;
  readonly versioning: Versioning;
  /** Whether its changes are told to EventBridge. */
  readonly sendsEvents: boolean;
}

/** Buckets. They are few, so all are held in memory beside their table. */
export class BucketTable {
  readonly #database: DatabaseSync;
  readonly #buckets = new Map<string, Bucket>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    for (const row of database.prepare(everyBucket).iterate()) {
      const bucket = bucketOf(row);
      this.#buckets.set(bucket.name, bucket);
    }
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  /** In order of their names. */
  all(): Bucket[] {
    return [...this.#buckets.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  create(name: string, createdAt: Date): void {
    const insert = this.#database.prepare(
      "INSERT INTO buckets (name, created_at, versioning) VALUES (?, ?, ?)",
    );
    const id = Number(insert.run(name, createdAt.getTime(), "Unversioned").lastInsertRowid);
    this.#buckets.set(name, { id, name, createdAt, versioning: "Unversioned", sendsEvents: false });
  }

  setVersioning(bucket: Bucket, versioning: Versioning): void {
    this.#database.prepare("UPDATE buckets SET versioning = ? WHERE id = ?").run(versioning, bucket.id);
    this.#buckets.set(bucket.name, { ...bucket, versioning });
  }

  setSendsEvents(bucket: Bucket, sendsEvents: boolean): void {
    this.#forgetEvents(bucket);
    if (sendsEvents) this.#database.prepare("INSERT INTO event_buckets VALUES (?)").run(bucket.id);
    this.#buckets.set(bucket.name, { ...bucket, sendsEvents });
  }

  remove(bucket: Bucket): void {
    this.#forgetEvents(bucket);
    this.#database.prepare("DELETE FROM buckets WHERE id = ?").run(bucket.id);
    this.#buckets.delete(bucket.name);
  }

  #forgetEvents(bucket: Bucket): void {
    this.#database.prepare("DELETE FROM event_buckets WHERE bucket_id = ?").run(bucket.id);
  }
}

const everyBucket = `
  SELECT buckets.*, EXISTS (SELECT 1 FROM event_buckets WHERE bucket_id = buckets.id) AS sends_events
  FROM buckets ORDER BY name`;

function bucketOf(row: Row): Bucket {
  return {
    id: integer(row, "id"),
    name: text(row, "name"),
    createdAt: new Date(integer(row, "created_at")),
    versioning: versioningOf(text(row, "versioning")),
    sendsEvents: integer(row, "sends_events") === 1,
  };
}

function versioningOf(value: string): Versioning {
  if (value === "Enabled" || value === "Suspended") return value;
  return "Unversioned";
}

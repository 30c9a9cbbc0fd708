import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Bucket } from "./bucket-table.ts";
import { type ChecksumAlgorithm, type ChecksumType, parseChecksumAlgorithm } from "./checksums.ts";
import type { ContentTable } from "./content-table.ts";
import { integer, type Row, text } from "./rows.ts";
import { parseHeaders } from "./version.ts";
import type { KeyRange } from "./version-table.ts";

/** A multipart upload that was neither completed nor aborted. */
export interface Upload {
  /** Grows with every upload. */
  readonly id: number;
  readonly uploadId: string;
  readonly key: string;
  readonly initiatedAt: number;
  readonly storageClass: string;
  readonly checksumAlgorithm: ChecksumAlgorithm;
  readonly checksumType: ChecksumType;
  /** False when the client named no algorithm and S3 took its own. */
  readonly isChecksumChosen: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Part {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  /** Base64, in the upload's algorithm. */
  readonly checksumValue: string;
  readonly modifiedAt: number;
  readonly contentId: number;
}

/** Multipart uploads and their parts. Writes belong into a transaction of the store. */
export class UploadTable {
  readonly #contents: ContentTable;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: DatabaseSync, contents: ContentTable) {
    this.#contents = contents;
    this.#statements = prepareStatements(database);
  }

  /** Returns the new upload's id. */
  create(bucket: Bucket, upload: Omit<Upload, "id" | "uploadId">): string {
    const uploadId = randomBytes(48).toString("base64url");
    this.#statements.add.run(
      uploadId,
      bucket.id,
      upload.key,
      upload.initiatedAt,
      upload.storageClass,
      upload.checksumAlgorithm,
      upload.checksumType,
      Number(upload.isChecksumChosen),
      JSON.stringify(upload.headers),
    );
    return uploadId;
  }

  find(bucket: Bucket, key: string, uploadId: string): Upload | undefined {
    const row = this.#statements.find.get(uploadId, bucket.id, key);
    return row === undefined ? undefined : uploadOf(row);
  }

  /** Uploads by key, the oldest of a key first; of key `from` only those begun after `after`. */
  *scan(bucket: Bucket, { from, until }: KeyRange, after: number): Generator<Upload> {
    const end = until ?? new Uint8Array(0);
    for (const row of this.#statements.scan.iterate(bucket.id, from, end, from, after)) yield uploadOf(row);
  }

  /** Puts a part in place of one of the same number. */
  putPart(upload: Upload, part: Part): void {
    const replaced = this.#statements.part.get(upload.id, part.number);
    if (replaced !== undefined) this.#contents.release(integer(replaced, "content_id"));
    const { number, size, etag, checksumValue, modifiedAt, contentId } = part;
    this.#statements.putPart.run(upload.id, number, size, etag, checksumValue, modifiedAt, contentId);
  }

  /** Parts in order of their numbers, those after `after`. */
  parts(upload: Upload, after = 0, limit = -1): Part[] {
    return this.#statements.parts.all(upload.id, after, limit).map(partOf);
  }

  /** Forgets an upload and its parts; bodies that something else refers to stay. */
  remove(upload: Upload): void {
    for (const part of this.parts(upload)) this.#contents.release(part.contentId);
    this.#statements.removeParts.run(upload.id);
    this.#statements.remove.run(upload.id);
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    add: database.prepare(`
      INSERT INTO uploads (upload_id, bucket_id, key, initiated_at, storage_class, checksum_algorithm,
        checksum_type, is_checksum_chosen, headers)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    find: database.prepare("SELECT * FROM uploads WHERE upload_id = ? AND bucket_id = ? AND key = ?"),
    scan: database.prepare(`
      SELECT * FROM uploads WHERE bucket_id = ? AND key >= ? AND key < ? AND (key <> ? OR id > ?)
      ORDER BY key, id`),
    part: database.prepare("SELECT content_id FROM parts WHERE upload = ? AND number = ?"),
    putPart: database.prepare("INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)"),
    parts: database.prepare("SELECT * FROM parts WHERE upload = ? AND number > ? ORDER BY number LIMIT ?"),
    removeParts: database.prepare("DELETE FROM parts WHERE upload = ?"),
    remove: database.prepare("DELETE FROM uploads WHERE id = ?"),
  };
}

function uploadOf(row: Row): Upload {
  return {
    id: integer(row, "id"),
    uploadId: text(row, "upload_id"),
    key: text(row, "key"),
    initiatedAt: integer(row, "initiated_at"),
    storageClass: text(row, "storage_class"),
    checksumAlgorithm: parseChecksumAlgorithm(text(row, "checksum_algorithm")),
    checksumType: text(row, "checksum_type") === "COMPOSITE" ? "COMPOSITE" : "FULL_OBJECT",
    isChecksumChosen: integer(row, "is_checksum_chosen") === 1,
    headers: parseHeaders(text(row, "headers")),
  };
}

function partOf(row: Row): Part {
  return {
    number: integer(row, "number"),
    size: integer(row, "size"),
    etag: text(row, "etag"),
    checksumValue: text(row, "checksum_value"),
    modifiedAt: integer(row, "modified_at"),
    contentId: integer(row, "content_id"),
  };
}

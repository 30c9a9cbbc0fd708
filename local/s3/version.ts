import { z } from "zod";
import { type Checksum, checksumAlgorithms } from "./checksums.ts";
import { integer, optionalText, type Row, text } from "./rows.ts";

/** One version of a key: an object or a delete marker. */
export type Version = ObjectVersion | DeleteMarker;

interface VersionBase {
  /** Grows with every commit. */
  readonly id: number;
  readonly key: string;
  /** `null` for what was written while the bucket was not versioned. */
  readonly versionId: string;
  readonly isLatest: boolean;
  /** Seconds since 1970: S3 tells times no finer. */
  readonly modifiedAt: number;
}

export interface ObjectVersion extends VersionBase {
  readonly kind: "object";
  /** In bytes. */
  readonly size: number;
  /** Without its quotes. */
  readonly etag: string;
  readonly storageClass: string;
  readonly checksum: Checksum | undefined;
  readonly contentId: number;
  /**
   * What is sent back with the object, `content-type`, `x-amz-meta-*` and the like, as JSON: a listing of a thousand
   * objects needs none of it.
   */
  readonly headersJson: string;
}

export interface DeleteMarker extends VersionBase {
  readonly kind: "delete-marker";
}

export function versionOf(row: Row): Version {
  const base: VersionBase = {
    id: integer(row, "id"),
    key: text(row, "key"),
    versionId: text(row, "version_id"),
    isLatest: integer(row, "is_latest") === 1,
    modifiedAt: integer(row, "modified_at"),
  };
  if (integer(row, "is_delete_marker") === 1) return { ...base, kind: "delete-marker" };
  return {
    ...base,
    kind: "object",
    size: integer(row, "size"),
    etag: text(row, "etag"),
    storageClass: text(row, "storage_class"),
    checksum: checksumOf(row),
    contentId: integer(row, "content_id"),
    headersJson: text(row, "headers"),
  };
}

function checksumOf(row: Row): Checksum | undefined {
  const name = optionalText(row, "checksum_algorithm");
  const algorithm = checksumAlgorithms.find((known) => known === name);
  if (algorithm === undefined) return undefined;
  const type = text(row, "checksum_type") === "COMPOSITE" ? "COMPOSITE" : "FULL_OBJECT";
  return { algorithm, type, value: text(row, "checksum_value") };
}

const headersSchema = z.record(z.string(), z.string());

/** Headers as the tables keep them, a JSON object. */
export function parseHeaders(json: string): Record<string, string> {
  return json === "{}" ? {} : headersSchema.parse(JSON.parse(json));
}

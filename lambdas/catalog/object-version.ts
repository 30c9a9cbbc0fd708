/** One version of an object as S3 lists it. An object of a bucket without versions is its own only version. */
export interface ObjectVersion {
  readonly key: string;
  /** undefined for an object without a version id of its own, which S3 calls version "null". */
  readonly versionId: string | undefined;
  /** With its quotation marks. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly mtimeEpochSeconds: number;
}

/** One version of an object as the catalog knows it. All of it stays as it is once it is there. */
export interface CatalogedVersion extends ObjectVersion {
  readonly bucket: string;
  /** UUIDv4; the same object, key and version always have the same (object-id.ts). */
  readonly id: string;
  /** The Nth upload of its path that the catalog knows of; the oldest is 1. */
  readonly number: number;
}

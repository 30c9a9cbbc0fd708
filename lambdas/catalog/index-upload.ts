import type { Catalog } from "./catalog.ts";
import { type LearningContext, learnToldCrc32 } from "./learn-told-crc32.ts";
import type { ObjectVersion } from "./object-version.ts";

/** An upload, as S3 tells of it when it is done. */
export interface ObjectUpload {
  readonly bucket: string;
  readonly key: string;
  /** undefined for an object without a version id of its own. */
  readonly versionId: string | undefined;
  /** With its quotation marks. */
  readonly etag: string;
}

export interface IndexContext extends LearningContext {
  readonly catalog: Catalog;
}

/**
 * Brings an upload into the catalog, with its CRC-32 where S3 tells it. The event is no more than a hint to look at its
 * path: numbers follow from what S3 lists, so that an event which is late, early, doubled or lost changes none of them.
 * An object that is gone by then is left out.
 */
export async function indexUpload(context: IndexContext, upload: ObjectUpload): Promise<void> {
  const versions = await context.catalog.versionsOf(upload.bucket, upload.key);
  const version = versions.find((one) => isOf(upload, one));
  if (version !== undefined) await learnToldCrc32(context, upload.bucket, version);
}

function isOf({ versionId, etag }: ObjectUpload, version: ObjectVersion): boolean {
  return version.versionId === versionId && (versionId !== undefined || version.etag === etag);
}

import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import pMap from "p-map";
import { z } from "zod";
import type { ArchiveUpload } from "../../ball/archive-bucket.ts";
import { BallError } from "../../ball/errors.ts";
import { type Archives, answerOf } from "./archives.ts";
import { decodeListedKey } from "./describe-object.ts";
import { isUploadGone, quoted } from "./failures.ts";
import { archiveName } from "./hide-balls.ts";

/** Uploads aborted at a time. */
const concurrency = 16;

/**
 * Aborts all uploads and removes all objects whose key begins with `prefix`, but for the object `except`.
 * Throws: BallError("archive-unwritable").
 */
export async function removeArchives(archives: Archives, prefix: string, except?: string): Promise<void> {
  const action = `remove what begins with ${archiveName(prefix)}`;
  const removing = async () => {
    // The uploads first, so that none becomes an object behind the listing.
    await abortUploads(archives, prefix);
    await removeObjects(archives, prefix, except);
  };
  await answerOf(archives, { action, signal: undefined }, removing());
}

/** Ends one upload, unless it is gone. Throws: BallError("archive-unwritable"). */
export async function abortArchive(archives: Archives, upload: ArchiveUpload): Promise<void> {
  const action = `abort the upload of ${archiveName(upload.key)}`;
  await answerOf(archives, { action, signal: undefined }, abort(archives, upload));
}

/** Aborts all uploads of keys that begin with `prefix`. Throws what S3 fails with. */
export async function abortUploads(archives: Archives, prefix: string): Promise<void> {
  for await (const uploads of pagesOfUploads(archives, prefix)) {
    await pMap(uploads, (upload) => abort(archives, upload), { concurrency });
  }
}

async function abort({ s3, bucket }: Archives, { key, uploadId }: ArchiveUpload): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId });
  await s3.send(command).catch((error: unknown) => {
    if (!isUploadGone(error)) throw error;
  });
}

/** Removes one object. Throws what S3 fails with. */
export async function removeObject({ s3, bucket }: Archives, key: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
}

const listedUpload = z
  .object({ Key: z.string().transform(decodeListedKey), UploadId: z.string() })
  .transform(({ Key, UploadId }): ArchiveUpload => ({ key: Key, uploadId: UploadId }));

const nextMarkers = z.object({
  NextKeyMarker: z.string().transform(decodeListedKey),
  NextUploadIdMarker: z.string(),
});

/** Pages of at most 1,000 uploads. The SDK has no paginator for them. */
async function* pagesOfUploads({ s3, bucket }: Archives, prefix: string): AsyncGenerator<ArchiveUpload[]> {
  let next: ListMultipartUploadsCommandInput | undefined = {
    Bucket: bucket,
    Prefix: prefix,
    EncodingType: "url",
  };
  while (next !== undefined) {
    const answer: ListMultipartUploadsCommandOutput = await s3.send(new ListMultipartUploadsCommand(next));
    yield z.array(listedUpload).parse(answer.Uploads ?? []);
    next = answer.IsTruncated === true ? { ...next, ...markersOf(answer) } : undefined;
  }
}

function markersOf(answer: ListMultipartUploadsCommandOutput) {
  const { NextKeyMarker, NextUploadIdMarker } = nextMarkers.parse(answer);
  return { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker };
}

async function removeObjects({ s3, bucket }: Archives, prefix: string, except?: string): Promise<void> {
  const pages = paginateListObjectsV2(
    { client: s3 },
    { Bucket: bucket, Prefix: prefix, EncodingType: "url" },
  );
  for await (const { Contents = [] } of pages) {
    const keys = Contents.map(({ Key = "" }) => decodeListedKey(Key)).filter((key) => key !== except);
    if (keys.length === 0) continue;
    const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }));
    const [failed] = Errors;
    if (failed === undefined) continue;
    const message = `S3 answered ${failed.Code} for ${archiveName(failed.Key ?? "")}, which was to be removed from bucket ${quoted(bucket)}`;
    throw new BallError("archive-unwritable", message);
  }
}

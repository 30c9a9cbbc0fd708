import { PassThrough, Readable } from "node:stream";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { ZipArchive } from "archiver";
import type { BenchObject } from "../stream/object-set.ts";

/** Objects that are to become one archive. */
export interface PeerWork {
  readonly bucket: string;
  readonly objects: readonly BenchObject[];
  readonly target: { readonly bucket: string; readonly key: string };
  readonly partBytes: number;
}

/**
 * As it is written in a Lambda today: the SDK with its defaults, each body appended when it is there, archiver queues them,
 * and what it writes goes into lib-storage's Upload.
 */
export async function archiverIntoUpload(
  s3: S3Client,
  { bucket, objects, target, partBytes }: PeerWork,
): Promise<void> {
  const archive = new ZipArchive({ store: true });
  const body = new PassThrough();
  archive.on("error", (error) => body.destroy(error));
  archive.pipe(body);
  const upload = new Upload({
    client: s3,
    params: { Bucket: target.bucket, Key: target.key, Body: body },
    partSize: partBytes,
  });
  const uploading = upload.done();
  const appending = appendAll(s3, bucket, objects, archive).catch(async (error: unknown) => {
    await upload.abort();
    throw error;
  });
  await Promise.all([uploading, appending]);
}

/** A client as the SDK makes it, for an S3 that is addressed by path. */
export function peerClient(endpoint: string): S3Client {
  return new S3Client({ endpoint, forcePathStyle: true });
}

async function appendAll(
  s3: S3Client,
  bucket: string,
  objects: readonly BenchObject[],
  archive: ZipArchive,
): Promise<void> {
  for (const { key, mtimeEpochSeconds } of objects) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (!(Body instanceof Readable)) throw new TypeError("GetObject answered without a body");
    archive.append(Body, { name: key, date: new Date(mtimeEpochSeconds * 1000) });
  }
  await archive.finalize();
}

const MiB = 1024 * 1024;
const leastPartBytes = 5 * MiB;
const mostParts = 10_000;
/** Of headers and central directory, for each object; more than names as they are here take. */
const overheadBytes = 1024;

/** The smallest parts in which an archive of so many bytes of so many objects may be uploaded. */
export function partBytesFor(objects: readonly { readonly sizeBytes: number }[]): number {
  const bytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes + overheadBytes, 0);
  return Math.max(leastPartBytes, Math.ceil(bytes / mostParts / MiB) * MiB);
}

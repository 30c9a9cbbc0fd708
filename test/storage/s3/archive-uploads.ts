import { crc32 } from "node:zlib";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { pinOf } from "../../../lambdas/ball/pin.ts";
import type { PinnedSource } from "../../../lambdas/ball/source.ts";
import { digest } from "../../support/manifests.ts";

/** What S3 asks of every part but the last. */
export const smallestPart = 5 * 1024 * 1024;

/** Bytes that are the same for the same seed. */
export function bytesOf(seed: string, length: number): Buffer {
  return Buffer.alloc(length, digest(seed, "base64url"));
}

/** A part as it is uploaded. */
export function partOf(bytes: Uint8Array): { bytes: Uint8Array; crc32: number } {
  return { bytes, crc32: crc32(bytes) };
}

/** An object as it is now, pinned. */
export async function pinned(client: S3Client, bucket: string, key: string): Promise<PinnedSource> {
  const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  const pin = pinOf({ etag: head.ETag ?? "", versionId: head.VersionId });
  return { bucket, key, pin, sizeBytes: head.ContentLength ?? 0 };
}

export async function bodyOf(client: S3Client, bucket: string, key: string): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

/** Keys of what is in a bucket: its objects, and its uploads that are not completed. */
export async function leftIn(
  client: S3Client,
  Bucket: string,
): Promise<{ objects: string[]; uploads: string[] }> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  return {
    objects: Contents.map(({ Key = "" }) => Key),
    uploads: Uploads.map(({ Key = "" }) => Key),
  };
}

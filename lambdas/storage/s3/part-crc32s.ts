import { crc32 } from "node:zlib";
import {
  GetObjectAttributesCommand,
  type GetObjectAttributesCommandOutput,
  type ObjectPart,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { PartCrc32, PinnedSource } from "../../ball/source.ts";
import { decodeCrc32 } from "./describe-object.ts";
import { failureOf, isGone, isNotTold, quoted, sourceChanged } from "./failures.ts";
import { isPinned, pinInput, sendOptions } from "./pinned-request.ts";

/** Most parts an object may have ("Amazon S3 multipart upload limits"). */
const mostParts = 10_000;

/**
 * The CRC-32s of the parts a pinned object was uploaded in, as GetObjectAttributes tells them, 1,000 at a time;
 * undefined where it does not: to who may not ask for attributes, of a server without them, or when what it tells are
 * not all the parts of this object. Throws: BallError("source-changed").
 */
export async function readPartCrc32s(
  s3: S3Client,
  source: PinnedSource,
  signal?: AbortSignal,
): Promise<readonly PartCrc32[] | undefined> {
  const told: ObjectPart[] = [];
  for (let marker: string | undefined; ; ) {
    const page = await attributesOf(s3, source, marker, signal);
    const { Parts = [], IsTruncated, NextPartNumberMarker } = page?.ObjectParts ?? {};
    told.push(...Parts);
    if (page === undefined || Parts.length === 0 || told.length > mostParts) return undefined;
    if (IsTruncated !== true) return wholeObject(source, told, page.Checksum?.ChecksumCRC32);
    marker = NextPartNumberMarker;
  }
}

/** One page of attributes of the pinned object; undefined when S3 does not tell them. */
async function attributesOf(
  s3: S3Client,
  source: PinnedSource,
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<GetObjectAttributesCommandOutput | undefined> {
  const { bucket, key, pin, sizeBytes } = source;
  const { VersionId } = pinInput(source);
  const command = new GetObjectAttributesCommand({
    Bucket: bucket,
    Key: key,
    ObjectAttributes: ["ETag", "Checksum", "ObjectParts", "ObjectSize"],
    ...(VersionId === undefined ? {} : { VersionId }),
    ...(marker === undefined ? {} : { PartNumberMarker: marker }),
  });
  const page = await s3.send(command, sendOptions(signal)).catch((error: unknown) => {
    signal?.throwIfAborted();
    if (isNotTold(error)) return undefined;
    throw isGone(error) ? sourceChanged(source, error) : failureOf(error, `read ${quoted(key)}`, bucket);
  });
  if (page === undefined) return undefined;
  // The operation has no If-Match, and its ETag comes without quotation marks, at least from S3 itself.
  const etag = `"${page.ETag?.replaceAll('"', "")}"`;
  if (!isPinned(pin, { etag, versionId: page.VersionId })) throw sourceChanged(source);
  return page.ObjectSize === sizeBytes ? page : undefined;
}

/** The parts, if they are what the object consists of: to its last byte, and by the checksum composed of theirs. */
function wholeObject(
  { sizeBytes }: PinnedSource,
  told: readonly ObjectPart[],
  composed: string | undefined,
): readonly PartCrc32[] | undefined {
  const parts = told.flatMap(({ Size, ChecksumCRC32 }) => {
    const value = decodeCrc32(ChecksumCRC32 ?? "");
    return Size === undefined || value === undefined ? [] : [{ sizeBytes: Size, crc32: value }];
  });
  if (parts.length < told.length) return undefined;
  if (parts.reduce((sum, part) => sum + part.sizeBytes, 0) !== sizeBytes) return undefined;
  return composed === undefined || isComposedOf(composed, parts) ? parts : undefined;
}

/** A composite checksum is that of the parts' checksums, with their count behind it: `base64-3`. */
function isComposedOf(composed: string, parts: readonly PartCrc32[]): boolean {
  const bytes = Buffer.alloc(parts.length * 4);
  parts.forEach((part, index) => {
    bytes.writeUInt32BE(part.crc32, index * 4);
  });
  const [base64 = ""] = composed.split("-");
  return decodeCrc32(base64) === crc32(bytes);
}

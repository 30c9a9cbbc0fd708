import type { HeadObjectCommandOutput, _Object as ListedObject } from "@aws-sdk/client-s3";
import { z } from "zod";
import type { SourceObject } from "../../ball/source.ts";

/**
 * What S3 tells of an object, parsed once. Fields that AWS documents as always there are asked for: a server that
 * leaves one out fails here, by name. The schemas are made once: making one takes longer than parsing a page.
 */
const described = { ETag: z.string().min(1), LastModified: z.date(), StorageClass: z.string().optional() };
const listedObject = z.object({ ...described, Key: z.string(), Size: z.number() });
const headOfObject = z.object({ ...described, ContentLength: z.number() });

/** An object as ListObjectsV2 tells of it (with EncodingType=url the SDK leaves keys encoded). */
export function sourceObjectOfListing(listed: ListedObject): SourceObject {
  const { Key, Size, ETag, LastModified, StorageClass } = listedObject.parse(listed);
  const isRestored = listed.RestoreStatus?.RestoreExpiryDate !== undefined;
  return {
    key: decodeListedKey(Key),
    sizeBytes: Size,
    mtimeEpochSeconds: epochSeconds(LastModified),
    etag: ETag,
    versionId: undefined,
    isArchived: isArchiveClass(StorageClass) && !isRestored,
    crc32: "not told",
  };
}

/** An object as HeadObject tells of it. */
export function sourceObjectOfHead(key: string, head: HeadObjectCommandOutput): SourceObject {
  const { ContentLength, ETag, LastModified, StorageClass } = headOfObject.parse(head);
  // ArchiveStatus is what an object in an archive tier of Intelligent-Tiering carries.
  const isInArchive = isArchiveClass(StorageClass) || head.ArchiveStatus !== undefined;
  return {
    key,
    sizeBytes: ContentLength,
    mtimeEpochSeconds: epochSeconds(LastModified),
    etag: ETag,
    versionId: head.VersionId,
    isArchived: isInArchive && !isRestored(head.Restore),
    crc32: keptCrc32(head),
    ...md5Of(head, ETag),
  };
}

/**
 * The CRC-32 of the whole object, where S3 keeps one. That of a multipart upload may be COMPOSITE, a checksum of the
 * parts' checksums, marked by the part count behind it (S3 user guide, "Checking object integrity").
 */
function keptCrc32({ ChecksumCRC32, ChecksumType }: HeadObjectCommandOutput): SourceObject["crc32"] {
  if (ChecksumCRC32 === undefined) return "not kept";
  if (ChecksumType === "COMPOSITE" || ChecksumCRC32.includes("-")) return "in parts";
  return decodeCrc32(ChecksumCRC32) ?? "not kept";
}

/** A CRC-32 as S3 writes it: four bytes, big-endian, in base64; undefined for what is none. */
export function decodeCrc32(base64: string): number | undefined {
  const bytes = Buffer.from(base64, "base64");
  return bytes.length === 4 ? bytes.readUInt32BE() : undefined;
}

/** The reverse of decodeCrc32. */
export function encodeCrc32(crc32: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32);
  return bytes.toString("base64");
}

/**
 * The ETag of an object that was put at once is the MD5 of its bytes, unless they are encrypted with a key of KMS or of
 * the client; that of an upload in parts has their count behind it (S3 API reference, "Object", ETag).
 */
function md5Of(
  { ServerSideEncryption, SSECustomerAlgorithm }: HeadObjectCommandOutput,
  etag: string,
): { md5?: string } {
  const isOfBytes = (ServerSideEncryption ?? "AES256") === "AES256" && SSECustomerAlgorithm === undefined;
  const md5 = /^"([0-9a-f]{32})"$/.exec(etag)?.[1];
  return isOfBytes && md5 !== undefined ? { md5 } : {};
}

/** Storage classes whose objects can not be read before they are restored; GLACIER_IR can. */
function isArchiveClass(storageClass: string | undefined): boolean {
  return storageClass === "GLACIER" || storageClass === "DEEP_ARCHIVE";
}

/** `ongoing-request="false", expiry-date="…"` is what a restored copy carries. */
function isRestored(restore: string | undefined): boolean {
  return restore?.includes('ongoing-request="false"') ?? false;
}

function epochSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

/** S3's URL encoding of a listing writes a space as "+". */
export function decodeListedKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll("+", " "));
}

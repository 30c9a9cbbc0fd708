import { checkReadable } from "./archived-classes.ts";
import type { Bucket } from "./bucket-table.ts";
import { checkCopySource } from "./conditions.ts";
import { bucketNamed, type Context } from "./context.ts";
import { S3Error } from "./errors.ts";
import { noSuchKey, noSuchVersion, parseVersionId } from "./find-version.ts";
import { invalidArgument } from "./listing-parameters.ts";
import type { ByteRange } from "./ranges.ts";
import { headerOf } from "./request.ts";
import type { ObjectVersion, Version } from "./version.ts";

/** What a request copies. */
export interface CopySource {
  readonly bucket: Bucket;
  readonly object: ObjectVersion;
  readonly range: ByteRange;
}

/** "Amazon S3 multipart upload limits": no copy takes more. */
const mostBytes = 5 * 1024 ** 3;

/**
 * The object `x-amz-copy-source` names, as far as the conditions hold, and the bytes of it that `x-amz-copy-source-range`
 * names (UploadPartCopy, "Request headers").
 * Throws: S3Error InvalidArgument, NoSuchBucket, NoSuchKey, NoSuchVersion, PreconditionFailed, InvalidObjectState, and
 * InvalidRequest for more than 5 GiB and for a delete marker named by its version.
 */
export function findCopySource(context: Context): CopySource {
  const { request, store } = context;
  const { bucketName, key, versionId } = parseCopySource(headerOf(request, "x-amz-copy-source") ?? "");
  const bucket = bucketNamed(context, bucketName);
  const version =
    versionId === undefined
      ? store.versions.latest(bucket, key)
      : store.versions.byVersionId(bucket, key, versionId);
  const object = objectOf(version, key, versionId);
  checkCopySource(request, object);
  checkReadable(object);
  const range = parseCopyRange(headerOf(request, "x-amz-copy-source-range"), object.size);
  if (range.end - range.start <= mostBytes) return { bucket, object, range };
  throw new S3Error(
    "InvalidRequest",
    `The specified copy source is larger than the maximum allowable size for a copy source: ${mostBytes}`,
  );
}

interface SourceName {
  readonly bucketName: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** `bucket/key` or `bucket/key?versionId=…`, percent-encoded, with or without a slash before it. */
function parseCopySource(header: string): SourceName {
  const [, path = "", versionId] = /^([^?]*)(?:\?versionId=(.*))?$/.exec(header) ?? [];
  const [, bucketName = "", key = ""] = /^\/?([^/]+)\/(.+)$/s.exec(decoded(path)) ?? [];
  if (key === "") {
    const message = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
    throw invalidArgument("x-amz-copy-source", header, message);
  }
  return { bucketName, key, versionId: versionId === undefined ? undefined : parseVersionId(versionId) };
}

/** Empty when it is not percent-encoded UTF-8. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return "";
  }
}

function objectOf(version: Version | undefined, key: string, versionId: string | undefined): ObjectVersion {
  if (version?.kind === "object") return version;
  if (versionId === undefined) throw noSuchKey(key);
  if (version === undefined) throw noSuchVersion(key, versionId);
  throw new S3Error(
    "InvalidRequest",
    "The source of a copy request may not specifically refer to a delete marker by version id.",
  );
}

/** Unlike a Range it lies within the object, and has a first and a last byte. Without one: the whole. */
function parseCopyRange(header: string | undefined, size: number): ByteRange {
  if (header === undefined) return { start: 0, end: size };
  const refuse = (message: string) => invalidArgument("x-amz-copy-source-range", header, message);
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  const range = { start: Number(first), end: Number(last) + 1 };
  if (range.start < range.end && range.end <= size) return range;
  throw first === undefined || range.end <= range.start
    ? refuse(
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
      )
    : refuse(`Range specified is not valid for source object of size: ${size}`);
}

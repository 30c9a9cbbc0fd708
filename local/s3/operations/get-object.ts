import { checkReadable } from "../archived-classes.ts";
import type { Bucket } from "../bucket-table.ts";
import { checksumHeaders } from "../checksums.ts";
import { allowsRange, isNotModified } from "../conditions.ts";
import { openContent } from "../content-reader.ts";
import { bucketOf, type Context, type Operation } from "../context.ts";
import { findObject } from "../find-version.ts";
import { invalidArgument } from "../listing-parameters.ts";
import { type ByteRange, contentRange, parseRange } from "../ranges.ts";
import { headerOf, type S3Request } from "../request.ts";
import { type ObjectVersion, parseHeaders } from "../version.ts";
import { versionIdHeader } from "../version-headers.ts";

/** GetObject. */
export const getObject: Operation = (context) => {
  const bucket = bucketOf(context);
  const object = findObject(context, bucket);
  checkReadable(object);
  const { status, headers, range } = describe(context, bucket, object);
  if (status === 304) return { status, headers };
  const { store } = context;
  const extents = store.contents.extentsWithin(object.contentId, range ?? { start: 0, end: object.size });
  return { status, headers, body: openContent(store.bodies, extents) };
};

/** HeadObject: the same without the bytes. An archived object can be looked at. */
export const headObject: Operation = (context) => {
  const bucket = bucketOf(context);
  const { status, headers } = describe(context, bucket, findObject(context, bucket));
  return { status, headers };
};

interface Description {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly range?: ByteRange;
}

function describe(context: Context, bucket: Bucket, object: ObjectVersion): Description {
  const { request } = context;
  const validators = validatorHeaders(bucket, object);
  if (isNotModified(request, object)) return { status: 304, headers: validators };
  const range = allowsRange(request, object)
    ? parseRange(headerOf(request, "range"), object.size)
    : undefined;
  const headers = {
    ...validators,
    "accept-ranges": "bytes",
    ...parseHeaders(object.headersJson),
    ...responseOverrides(request),
    ...(object.storageClass === "STANDARD" ? {} : { "x-amz-storage-class": object.storageClass }),
  };
  if (range === undefined) {
    return {
      status: 200,
      headers: { ...headers, ...fullChecksum(request, object), "content-length": object.size },
    };
  }
  const part = {
    "content-range": contentRange(range, object.size),
    "content-length": range.end - range.start,
  };
  return { status: 206, headers: { ...headers, ...part }, range };
}

function validatorHeaders(bucket: Bucket, object: ObjectVersion): Record<string, string> {
  return {
    etag: `"${object.etag}"`,
    "last-modified": new Date(object.modifiedAt * 1000).toUTCString(),
    ...versionIdHeader(bucket, object.versionId),
  };
}

/** A checksum is of the whole, so a range does not get it. */
function fullChecksum(request: S3Request, object: ObjectVersion): Record<string, string> {
  return headerOf(request, "x-amz-checksum-mode")?.toUpperCase() === "ENABLED"
    ? checksumHeaders(object.checksum)
    : {};
}

const overridable = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
];

function responseOverrides({ query }: S3Request): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const name of overridable) {
    const value = query.get(`response-${name}`);
    if (value === undefined) continue;
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      const message = "Header value cannot be represented using ISO-8859-1.";
      throw invalidArgument(`response-${name}`, value, message);
    }
    overrides[name] = value;
  }
  return overrides;
}

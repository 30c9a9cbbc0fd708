import type { Bucket } from "./bucket-table.ts";
import { type Context, keyOf } from "./context.ts";
import { S3Error } from "./errors.ts";
import type { DeleteMarker, ObjectVersion, Version } from "./version.ts";
import { versionIdHeader } from "./version-headers.ts";

/**
 * The object a GET or HEAD names, by key or by key and `versionId`.
 * Throws: S3Error NoSuchKey (telling of a delete marker), NoSuchVersion, InvalidArgument, and MethodNotAllowed when
 * the named version is itself a delete marker.
 */
export function findObject(context: Context, bucket: Bucket): ObjectVersion {
  const versionId = requestedVersionId(context);
  const version = findVersion(context, bucket, versionId);
  if (version?.kind === "object") return version;
  if (versionId !== undefined) {
    throw version === undefined
      ? noSuchVersion(keyOf(context), versionId)
      : markerNotAllowed(bucket, version);
  }
  throw noSuchKey(keyOf(context), version === undefined ? {} : markerHeaders(bucket, version));
}

/** The `versionId` parameter. Throws: S3Error InvalidArgument when it cannot be one. */
export function requestedVersionId({ request }: Context): string | undefined {
  const versionId = request.query.get("versionId");
  return versionId === undefined ? undefined : parseVersionId(versionId);
}

/** Throws: S3Error InvalidArgument for what cannot be a version id. */
export function parseVersionId(versionId: string): string {
  if (/^(null|[\w.-]{32})$/.test(versionId)) return versionId;
  throw new S3Error("InvalidArgument", "Invalid version id specified", {
    details: { ArgumentName: "versionId", ArgumentValue: versionId },
  });
}

function findVersion(context: Context, bucket: Bucket, versionId: string | undefined): Version | undefined {
  const { versions } = context.store;
  const key = keyOf(context);
  return versionId === undefined
    ? versions.latest(bucket, key)
    : versions.byVersionId(bucket, key, versionId);
}

export function noSuchKey(key: string, headers: Record<string, string> = {}): S3Error {
  return new S3Error("NoSuchKey", "The specified key does not exist.", { details: { Key: key }, headers });
}

export function noSuchVersion(key: string, versionId: string): S3Error {
  return new S3Error("NoSuchVersion", "The specified version does not exist.", {
    details: { Key: key, VersionId: versionId },
  });
}

function markerNotAllowed(bucket: Bucket, marker: DeleteMarker): S3Error {
  return new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.", {
    details: { Method: "GET", ResourceType: "DeleteMarker" },
    headers: {
      ...markerHeaders(bucket, marker),
      allow: "DELETE",
      "last-modified": new Date(marker.modifiedAt * 1000).toUTCString(),
    },
  });
}

function markerHeaders(bucket: Bucket, marker: DeleteMarker): Record<string, string> {
  return { "x-amz-delete-marker": "true", ...versionIdHeader(bucket, marker.versionId) };
}

import { bucketOf, isoTime, type Operation } from "../context.ts";
import { afterMarker, afterPrefix, laterKey, listPage } from "../listing.ts";
import { invalidArgument, parseListing } from "../listing-parameters.ts";
import { owner } from "../owner.ts";
import { xmlReply } from "../reply.ts";
import type { Version } from "../version.ts";
import { type XmlElements, xmlDocument } from "../xml.ts";

/** ListObjectVersions: the versions and delete markers of all keys, the newest of a key first. */
export const listObjectVersions: Operation = (context) => {
  const { request, store } = context;
  const { query } = request;
  const bucket = bucketOf(context);
  const parameters = parseListing(request);
  const { prefix, delimiter, maxKeys, encodingType, encode } = parameters;
  const keyMarker = query.get("key-marker") ?? "";
  const versionIdMarker = query.get("version-id-marker") ?? "";
  if (versionIdMarker !== "" && keyMarker === "") {
    throw invalidArgument(
      "version-id-marker",
      versionIdMarker,
      "A version-id marker cannot be specified without a key marker.",
    );
  }
  // A version that was deleted since the last page leaves no trace of where it stood: go on with the next key.
  const marked =
    versionIdMarker === "" ? undefined : store.versions.byVersionId(bucket, keyMarker, versionIdMarker);
  const behindMarker = keyMarker === "" ? prefix : afterMarker(keyMarker, prefix, delimiter);
  const start = marked === undefined ? behindMarker : keyMarker;
  const until = afterPrefix(prefix);
  const page = listPage({ ...parameters, from: laterKey(start, prefix) }, (from) =>
    store.versions.scanAll(bucket, { from, until }, from === marked?.key ? marked.id : undefined),
  );
  return xmlReply(
    xmlDocument("ListVersionsResult", {
      Name: request.bucket,
      Prefix: encode(prefix),
      KeyMarker: encode(keyMarker),
      VersionIdMarker: versionIdMarker,
      NextKeyMarker: page.last === undefined ? undefined : encode(page.last.key),
      NextVersionIdMarker: page.last?.entry?.versionId,
      Delimiter: delimiter === "" ? undefined : encode(delimiter),
      EncodingType: encodingType,
      MaxKeys: maxKeys,
      IsTruncated: page.last !== undefined,
      Version: page.entries
        .filter(({ kind }) => kind === "object")
        .map((version) => versionElements(version, encode)),
      DeleteMarker: page.entries
        .filter(({ kind }) => kind === "delete-marker")
        .map((version) => versionElements(version, encode)),
      CommonPrefixes: page.commonPrefixes.map((commonPrefix) => ({ Prefix: encode(commonPrefix) })),
    }),
  );
};

function versionElements(version: Version, encode: (key: string) => string): XmlElements {
  const identity = {
    Key: encode(version.key),
    VersionId: version.versionId,
    IsLatest: version.isLatest,
    LastModified: isoTime(version.modifiedAt),
  };
  if (version.kind === "delete-marker") return { ...identity, Owner: owner };
  return {
    ...identity,
    ETag: `"${version.etag}"`,
    ChecksumAlgorithm: version.checksum?.algorithm,
    ChecksumType: version.checksum?.type,
    Size: version.size,
    StorageClass: version.storageClass,
    Owner: owner,
  };
}

import { bucketOf, type Context, isoTime, type Operation } from "../context.ts";
import { afterMarker, afterPrefix, type ListingPage, laterKey, listPage } from "../listing.ts";
import { invalidArgument, type ListingParameters, parseListing } from "../listing-parameters.ts";
import { owner } from "../owner.ts";
import { xmlReply } from "../reply.ts";
import type { Version } from "../version.ts";
import { type XmlElements, xmlDocument } from "../xml.ts";

/** ListObjectsV2. */
export const listObjectsV2: Operation = (context) => {
  const { query } = context.request;
  if (query.get("list-type") !== "2")
    throw invalidArgument("list-type", query.get("list-type") ?? "", "Invalid List Type");
  const parameters = parseListing(context.request);
  const { prefix, delimiter, maxKeys, encodingType, encode } = parameters;
  const token = query.get("continuation-token");
  const startAfter = query.get("start-after");
  const from = token === undefined ? startOf(startAfter, parameters) : decodeToken(token);
  const page = pageOf(context, parameters, from);
  const next = page.last === undefined ? undefined : afterMarker(page.last.key, prefix, delimiter);
  return xmlReply(
    xmlDocument("ListBucketResult", {
      Name: context.request.bucket,
      Prefix: encode(prefix),
      ContinuationToken: token,
      StartAfter: startAfter === undefined ? undefined : encode(startAfter),
      Delimiter: delimiter === "" ? undefined : encode(delimiter),
      EncodingType: encodingType,
      KeyCount: page.entries.length + page.commonPrefixes.length,
      MaxKeys: maxKeys,
      IsTruncated: next !== undefined,
      NextContinuationToken: next === undefined ? undefined : encodeToken(next),
      ...pageElements(page, encode, query.get("fetch-owner") === "true"),
    }),
  );
};

/** ListObjects, the first version. */
export const listObjects: Operation = (context) => {
  const parameters = parseListing(context.request);
  const { prefix, delimiter, maxKeys, encodingType, encode } = parameters;
  const marker = context.request.query.get("marker");
  const page = pageOf(context, parameters, startOf(marker, parameters));
  // Without a delimiter the client takes the last key as its next marker.
  const nextMarker = delimiter === "" ? undefined : page.last?.key;
  return xmlReply(
    xmlDocument("ListBucketResult", {
      Name: context.request.bucket,
      Prefix: encode(prefix),
      Marker: encode(marker ?? ""),
      NextMarker: nextMarker === undefined ? undefined : encode(nextMarker),
      Delimiter: delimiter === "" ? undefined : encode(delimiter),
      EncodingType: encodingType,
      MaxKeys: maxKeys,
      IsTruncated: page.last !== undefined,
      ...pageElements(page, encode, true),
    }),
  );
};

function startOf(marker: string | undefined, { prefix, delimiter }: ListingParameters): string {
  return marker === undefined || marker === "" ? prefix : afterMarker(marker, prefix, delimiter);
}

function pageOf(context: Context, parameters: ListingParameters, start: string): ListingPage<Version> {
  const bucket = bucketOf(context);
  const until = afterPrefix(parameters.prefix);
  return listPage({ ...parameters, from: laterKey(start, parameters.prefix) }, (from) =>
    context.store.versions.scanLatest(bucket, { from, until }),
  );
}

function pageElements(
  page: ListingPage<Version>,
  encode: (key: string) => string,
  withOwner: boolean,
): XmlElements {
  return {
    Contents: page.entries.map((version) => objectElements(version, encode, withOwner)),
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

function objectElements(version: Version, encode: (key: string) => string, withOwner: boolean): XmlElements {
  if (version.kind !== "object") throw new Error("Only objects are scanned here.");
  return {
    Key: encode(version.key),
    LastModified: isoTime(version.modifiedAt),
    ETag: `"${version.etag}"`,
    ChecksumAlgorithm: version.checksum?.algorithm,
    ChecksumType: version.checksum?.type,
    Size: version.size,
    Owner: withOwner ? owner : undefined,
    StorageClass: version.storageClass,
  };
}

/** A continuation token is the least key of the next page; it means nothing to the client. */
function encodeToken(from: string): string {
  return Buffer.from(from).toString("base64url");
}

function decodeToken(token: string): string {
  const from = Buffer.from(token, "base64url").toString();
  if (token !== "" && encodeToken(from) === token) return from;
  throw invalidArgument("continuation-token", token, "The continuation token provided is incorrect");
}

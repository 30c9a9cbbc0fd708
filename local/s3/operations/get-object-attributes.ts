import { checksumElement } from "../checksums.ts";
import { bucketOf, type Context, type Operation } from "../context.ts";
import { S3Error } from "../errors.ts";
import { findObject } from "../find-version.ts";
import { parseLimit } from "../listing-parameters.ts";
import { parsePartMarker } from "../part-number.ts";
import { xmlReply } from "../reply.ts";
import { headerOf, type S3Request } from "../request.ts";
import type { ObjectVersion } from "../version.ts";
import { versionIdHeader } from "../version-headers.ts";
import { type XmlElements, xmlDocument } from "../xml.ts";

/** Every attribute, in the order of the document; undefined where an object does not have it. */
const attributes: ReadonlyMap<string, (object: ObjectVersion, context: Context) => XmlElements[string]> =
  new Map(
    Object.entries({
      // Without quotation marks, unlike everywhere else.
      ETag: ({ etag }: ObjectVersion) => etag,
      Checksum: checksum,
      ObjectParts: objectParts,
      StorageClass: ({ storageClass }: ObjectVersion) => storageClass,
      ObjectSize: ({ size }: ObjectVersion) => size,
    }),
  );

/** GetObjectAttributes. */
export const getObjectAttributes: Operation = (context) => {
  const bucket = bucketOf(context);
  const asked = parseAttributes(context.request);
  const object = findObject(context, bucket);
  const told = [...attributes].filter(([name]) => asked.has(name));
  const elements = Object.fromEntries(told.map(([name, tell]) => [name, tell(object, context)]));
  return xmlReply(xmlDocument("GetObjectAttributesResponse", elements), {
    "last-modified": new Date(object.modifiedAt * 1000).toUTCString(),
    ...versionIdHeader(bucket, object.versionId),
  });
};

/** Throws: S3Error InvalidRequest for none, InvalidArgument for one that S3 does not have. */
function parseAttributes(request: S3Request): ReadonlySet<string> {
  const header = headerOf(request, "x-amz-object-attributes") ?? "";
  const names = header
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) {
    throw new S3Error(
      "InvalidRequest",
      "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
    );
  }
  if (names.every((name) => attributes.has(name))) return new Set(names);
  throw new S3Error("InvalidArgument", "Invalid attribute name specified.", {
    details: { ArgumentName: "x-amz-object-attributes", ArgumentValue: header },
  });
}

/** A composite checksum comes without the count of its parts, unlike everywhere else. */
function checksum({ checksum: kept }: ObjectVersion): XmlElements | undefined {
  if (kept === undefined) return undefined;
  const [value = ""] = kept.value.split("-");
  return { ...checksumElement(kept.algorithm, value), ChecksumType: kept.type };
}

/**
 * How many parts an object was uploaded in, and each of them where its checksum is composed of theirs. Where it is that
 * of the full object, S3 tells the count alone.
 */
function objectParts(object: ObjectVersion, { request, store }: Context): XmlElements | undefined {
  const count = /-(\d+)$/.exec(object.etag)?.[1];
  if (count === undefined) return undefined;
  const PartsCount = Number(count);
  const kept = object.checksum;
  if (kept?.type !== "COMPOSITE") return { PartsCount };
  const maxParts = parseLimit("x-amz-max-parts", headerOf(request, "x-amz-max-parts"));
  const marker = parsePartMarker("x-amz-part-number-marker", headerOf(request, "x-amz-part-number-marker"));
  const found = store.contents.partsOf(object.contentId, marker, maxParts + 1);
  const parts = found.slice(0, maxParts);
  return {
    IsTruncated: found.length > parts.length,
    MaxParts: maxParts,
    NextPartNumberMarker: parts.at(-1)?.number ?? 0,
    PartNumberMarker: marker,
    Part: parts.map(({ number, size, checksumValue }) => ({
      ...checksumElement(kept.algorithm, checksumValue),
      PartNumber: number,
      Size: size,
    })),
    PartsCount,
  };
}

import { notImplemented, S3Error } from "./errors.ts";
import { headerOf, type S3Request } from "./request.ts";

/** What a client may say of an object when it writes it, kept and sent back as it is. */
export interface ObjectDescription {
  readonly storageClass: string;
  readonly headers: Readonly<Record<string, string>>;
}

const kept = ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"];

const storageClasses: ReadonlySet<string> = new Set([
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER_IR",
  "GLACIER",
  "DEEP_ARCHIVE",
]);

/** Headers that ask for something this server does not do. To take them silently would be a lie. */
const uncovered = [
  "x-amz-tagging",
  "x-amz-website-redirect-location",
  "x-amz-write-offset-bytes",
  "x-amz-object-lock-mode",
  "x-amz-object-lock-legal-hold",
  "x-amz-server-side-encryption-customer-algorithm",
  "x-amz-grant-full-control",
  "x-amz-grant-read",
];

const mostMetadataBytes = 2048;

/** Throws: S3Error InvalidStorageClass, MetadataTooLarge, AccessControlListNotSupported, NotImplemented. */
export function describeObject(request: S3Request): ObjectDescription {
  checkCovered(request);
  const storageClass = headerOf(request, "x-amz-storage-class") ?? "STANDARD";
  if (!storageClasses.has(storageClass)) {
    throw new S3Error("InvalidStorageClass", "The storage class you specified is not valid", {
      details: { StorageClassRequested: storageClass },
    });
  }
  const contentType = headerOf(request, "content-type") ?? "binary/octet-stream";
  const metadata = userMetadata(request);
  return { storageClass, headers: { "content-type": contentType, ...systemHeaders(request), ...metadata } };
}

/** Throws: S3Error NotImplemented or AccessControlListNotSupported for what this server does not do. */
function checkCovered(request: S3Request): void {
  const asked = uncovered.find((name) => request.headers[name] !== undefined);
  if (asked !== undefined) throw notImplemented(asked);
  const encryption = headerOf(request, "x-amz-server-side-encryption") ?? "AES256";
  if (encryption !== "AES256") throw notImplemented("x-amz-server-side-encryption");
  const acl = headerOf(request, "x-amz-acl") ?? "";
  // Buckets have ACLs disabled, as all new ones in S3; these two say nothing that is not so anyway.
  if (acl === "" || acl === "private" || acl === "bucket-owner-full-control") return;
  throw new S3Error("AccessControlListNotSupported", "The bucket does not allow ACLs");
}

function systemHeaders(request: S3Request): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of kept) {
    const value = headerOf(request, name);
    const stored = name === "content-encoding" ? withoutTransferCoding(value) : value;
    if (stored !== undefined) headers[name] = stored;
  }
  return headers;
}

/** `aws-chunked` describes the transfer, not the object. */
function withoutTransferCoding(encoding: string | undefined): string | undefined {
  const codings = (encoding ?? "").split(",").map((coding) => coding.trim());
  const rest = codings.filter((coding) => coding !== "" && coding !== "aws-chunked");
  return rest.length === 0 ? undefined : rest.join(",");
}

function userMetadata(request: S3Request): Record<string, string> {
  const names = Object.keys(request.headers).filter((name) => name.startsWith("x-amz-meta-"));
  const metadata = Object.fromEntries(names.map((name) => [name, headerOf(request, name) ?? ""]));
  const size = names.reduce(
    (sum, name) => sum + name.length - "x-amz-meta-".length + (metadata[name] ?? "").length,
    0,
  );
  if (size <= mostMetadataBytes) return metadata;
  throw new S3Error("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", {
    details: { Size: String(size), MaxSizeAllowed: String(mostMetadataBytes) },
  });
}

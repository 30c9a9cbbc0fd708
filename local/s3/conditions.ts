import { S3Error } from "./errors.ts";
import { headerOf, type S3Request } from "./request.ts";
import type { ObjectVersion, Version } from "./version.ts";

type Validators = Pick<ObjectVersion, "etag" | "modifiedAt">;

/**
 * Whether the client already has this version, by If-None-Match or, without it, If-Modified-Since.
 * A passed If-Match makes If-Unmodified-Since void (GetObject, "Request headers"; RFC 9110 section 13.2.2).
 * `prefix` is that of the conditions' names. Throws: S3Error PreconditionFailed.
 */
export function isNotModified(request: S3Request, validators: Validators, prefix = ""): boolean {
  const ifMatch = headerOf(request, `${prefix}if-match`);
  if (ifMatch !== undefined) {
    if (!namesEtag(ifMatch, validators.etag)) throw preconditionFailed(`${prefix}If-Match`);
  } else if (isModifiedSince(request, `${prefix}if-unmodified-since`, validators) === true) {
    throw preconditionFailed(`${prefix}If-Unmodified-Since`);
  }
  const ifNoneMatch = headerOf(request, `${prefix}if-none-match`);
  if (ifNoneMatch !== undefined) return namesEtag(ifNoneMatch, validators.etag);
  return isModifiedSince(request, `${prefix}if-modified-since`, validators) === false;
}

/** The conditions of a copy on its source; what a GET would answer 304 to fails too. Throws: S3Error PreconditionFailed. */
export function checkCopySource(request: S3Request, source: Validators): void {
  const prefix = "x-amz-copy-source-";
  if (isNotModified(request, source, prefix)) throw preconditionFailed(`${prefix}If-None-Match`);
}

/** Whether a Range may be answered as such: RFC 9110 section 13.1.5. */
export function allowsRange(request: S3Request, { etag, modifiedAt }: Validators): boolean {
  const ifRange = headerOf(request, "if-range");
  if (ifRange === undefined || ifRange === `"${etag}"`) return true;
  return Date.parse(ifRange) === modifiedAt * 1000;
}

/**
 * Conditional writes ("Add preconditions to S3 operations with conditional requests").
 * Throws: S3Error PreconditionFailed, NoSuchKey for If-Match without an object, NotImplemented for conditions S3
 * does not have on writes.
 */
export function checkWrite(request: S3Request, latest: Version | undefined): void {
  const ifNoneMatch = headerOf(request, "if-none-match");
  const ifMatch = headerOf(request, "if-match");
  const current = latest?.kind === "object" ? latest : undefined;
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== "*") throw unsupported("If-None-Match");
    if (current !== undefined) throw preconditionFailed("If-None-Match");
  }
  if (ifMatch === undefined) return;
  if (ifMatch === "*") throw unsupported("If-Match");
  if (current === undefined) {
    throw new S3Error("NoSuchKey", "The specified key does not exist.", {
      details: { Key: request.key ?? "" },
    });
  }
  if (!namesEtag(ifMatch, current.etag)) throw preconditionFailed("If-Match");
}

function namesEtag(list: string, etag: string): boolean {
  if (list.trim() === "*") return true;
  return list.split(",").some((tag) => tag.trim().replace(/^W\//, "").replace(/^"|"$/g, "") === etag);
}

/** Undefined without the header or with one that is no date. */
function isModifiedSince(
  request: S3Request,
  header: string,
  { modifiedAt }: Validators,
): boolean | undefined {
  const since = Date.parse(headerOf(request, header) ?? "");
  return Number.isNaN(since) ? undefined : modifiedAt * 1000 > since;
}

function preconditionFailed(condition: string): S3Error {
  return new S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", {
    details: { Condition: condition },
  });
}

function unsupported(header: string): S3Error {
  return new S3Error(
    "NotImplemented",
    "A header you provided implies functionality that is not implemented",
    {
      details: { Header: header },
    },
  );
}

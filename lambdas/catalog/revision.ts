import type { ObjectVersion } from "./object-version.ts";

type Tagged = Pick<ObjectVersion, "etag">;

/** Digits a revision is shown with, unless they are too few to tell it from another. */
const shownDigits = 10;

/**
 * The revision of a version: the leading hexadecimal digits of its ETag, ten of them, or as many as tell it from all
 * `siblings` that have another ETag. Shorter, or empty, where an ETag begins with fewer: those of S3 have 32.
 */
export function revisionOf(version: Tagged, siblings: readonly Tagged[]): string {
  return revisionsAmong(siblings)(version);
}

/** The same for many versions of a path: what their siblings have in common is looked up, not looked for. */
export function revisionsAmong(siblings: readonly Tagged[]): (version: Tagged) => string {
  const digitsOfAll = siblings.map(({ etag }) => leadingHexDigits(etag));
  const alike = Map.groupBy(digitsOfAll, (digits) => digits.slice(0, shownDigits));
  return ({ etag }) => {
    const own = leadingHexDigits(etag);
    const others = alike.get(own.slice(0, shownDigits))?.filter((digits) => digits !== own) ?? [];
    const shared = others.map((digits) => sharedLength(own, digits));
    return own.slice(0, Math.max(shownDigits, ...shared.map((length) => length + 1)));
  };
}

/** Whether a version is meant by leading digits of its revision, in lower case. */
export function hasRevision(version: Tagged, revision: string): boolean {
  return leadingHexDigits(version.etag).startsWith(revision);
}

/** The hexadecimal digits an ETag begins with, in lower case. */
export function leadingHexDigits(etag: string): string {
  return /^"?([0-9a-f]*)/.exec(etag.toLowerCase())?.[1] ?? "";
}

function sharedLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

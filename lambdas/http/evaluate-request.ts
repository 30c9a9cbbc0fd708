import type { ByteRange } from "../layout/byte-range.ts";
import { parseRangeHeader } from "./range-header.ts";

/** The selected representation, as its validators and length describe it. */
export interface Representation {
  readonly lengthBytes: number;
  /** Strong entity tag with its quotation marks. */
  readonly etag: string;
  readonly lastModifiedEpochSeconds: number;
  /** Whether other bytes were answered under this address before, which a client may have a part of. */
  readonly isReplacement: boolean;
}

/** How a GET or HEAD is to be answered. */
export type Evaluation =
  | { readonly kind: "whole" }
  | { readonly kind: "partial"; readonly range: ByteRange }
  | { readonly kind: "unsatisfiable" }
  | { readonly kind: "not-modified" }
  | { readonly kind: "precondition-failed" };

/** Value of a request header by its lower-case name. */
export type HeaderLookup = (name: string) => string | undefined;

/**
 * Evaluates the conditions of a GET or HEAD and then its Range, in the order of RFC 9110, section 13.2.2.
 * A Range counts for GET alone (section 14.2).
 *
 * Of a replacement, only a request that names its entity tag gets a part, and any other that asks for one gets the
 * whole: a client that goes on with what it has (`curl -C -` names nothing) must never join parts of two archives. Wget
 * would join the whole, too, and is refused.
 */
export function evaluateRequest(
  method: "GET" | "HEAD",
  header: HeaderLookup,
  representation: Representation,
): Evaluation {
  const asksForPart = method === "GET" && header("range") !== undefined;
  const isGuarded = representation.isReplacement && asksForPart;
  if (!matchesRequired(header, representation))
    return isGuarded ? { kind: "whole" } : { kind: "precondition-failed" };
  if (isUnchanged(header, representation)) return { kind: "not-modified" };
  if (!asksForPart || !isRangeWanted(header("if-range"), representation)) return { kind: "whole" };
  if (isGuarded && !namesEtag(header, representation.etag)) return inPlaceOfPart(header);
  const request = parseRangeHeader(header("range"), representation.lengthBytes);
  return request.kind === "single" ? { kind: "partial", range: request.range } : request;
}

/** Whether If-Range or If-Match has the entity tag itself; `*` is any. */
function namesEtag(header: HeaderLookup, etag: string): boolean {
  if (header("if-range")?.trim() === etag) return true;
  const ifMatch = header("if-match");
  return ifMatch !== undefined && ifMatch.trim() !== "*" && listsEtag(ifMatch, etag, isSameStrongly);
}

/**
 * Wget 1 takes the whole for that of which it has a part: it leaves out as many bytes as it has, joins the others to
 * them and ends with 0 (`rb_skip_startpos` in its http.c), also when it goes on by itself with a download that broke.
 */
function inPlaceOfPart(header: HeaderLookup): Evaluation {
  return { kind: header("user-agent")?.startsWith("Wget/") ? "precondition-failed" : "whole" };
}

/** If-Match, and If-Unmodified-Since only where there is no If-Match (sections 13.1.1 and 13.1.4). */
function matchesRequired(header: HeaderLookup, representation: Representation): boolean {
  const ifMatch = header("if-match");
  if (ifMatch !== undefined) return listsEtag(ifMatch, representation.etag, isSameStrongly);
  const since = parseHttpDate(header("if-unmodified-since"));
  return since === undefined || representation.lastModifiedEpochSeconds <= since;
}

/** If-None-Match, and If-Modified-Since only where there is no If-None-Match (sections 13.1.2 and 13.1.3). */
function isUnchanged(header: HeaderLookup, representation: Representation): boolean {
  const ifNoneMatch = header("if-none-match");
  if (ifNoneMatch !== undefined) return listsEtag(ifNoneMatch, representation.etag, isSameWeakly);
  const since = parseHttpDate(header("if-modified-since"));
  return since !== undefined && representation.lastModifiedEpochSeconds <= since;
}

/**
 * If-Range (section 13.1.5): an entity tag must match strongly, a date exactly. A date is a strong validator here
 * (section 8.8.2.2), because the archive of a ball never changes after the second it was made in; but none of a
 * replacement, which may have been made in the second of what it replaced.
 */
function isRangeWanted(ifRange: string | undefined, representation: Representation): boolean {
  if (ifRange === undefined) return true;
  const date = parseHttpDate(ifRange.trim());
  if (date !== undefined)
    return !representation.isReplacement && date === representation.lastModifiedEpochSeconds;
  return isSameStrongly(ifRange.trim(), representation.etag);
}

type Comparison = (listed: string, etag: string) => boolean;

const isSameStrongly: Comparison = (listed, etag) => listed === etag;
const isSameWeakly: Comparison = (listed, etag) => listed.replace(/^W\//, "") === etag;

const entityTag = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

function listsEtag(list: string, etag: string, isSame: Comparison): boolean {
  if (list.trim() === "*") return true;
  return (list.match(entityTag) ?? []).some((listed) => isSame(listed, etag));
}

/** An HTTP date in whole seconds since 1970; undefined for none and for one that is not valid (to be ignored). */
function parseHttpDate(text: string | undefined): number | undefined {
  if (text === undefined || !httpDates.some((form) => form.test(text))) return undefined;
  // The third form names no zone, and means GMT like the others.
  const milliseconds = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

/** The three forms of section 5.6.7: the one that is sent today, and the two of RFC 850 and asctime. */
const httpDates = [
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

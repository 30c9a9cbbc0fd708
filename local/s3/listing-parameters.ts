import { S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";

/** The parameters all listings have. */
export interface ListingParameters {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  readonly encodingType: "url" | undefined;
  /** Writes a key into the answer, in the encoding the client asked for. */
  readonly encode: (key: string) => string;
}

const mostKeys = 1000;

/** Throws: S3Error InvalidArgument. `limit` names the parameter of the page's length. */
export function parseListing({ query }: S3Request, limit = "max-keys"): ListingParameters {
  const encodingType = query.get("encoding-type") || undefined;
  if (encodingType !== undefined && encodingType !== "url") {
    throw invalidArgument("encoding-type", encodingType, "Invalid Encoding Method specified in Request");
  }
  return {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    maxKeys: parseLimit(limit, query.get(limit)),
    encodingType,
    encode: encodingType === undefined ? (key) => key : encodeKey,
  };
}

/** A count of at most 1,000, which is also the default. Throws: S3Error InvalidArgument. */
export function parseLimit(name: string, text: string | undefined): number {
  if (text === undefined || text === "") return mostKeys;
  const limit = Number(text);
  if (/^\d{1,10}$/.test(text) && limit <= 0x7fffffff) return Math.min(limit, mostKeys);
  throw invalidArgument(name, text, `Provided ${name} not an integer or within integer range`);
}

export function invalidArgument(name: string, value: string, message: string): S3Error {
  return new S3Error("InvalidArgument", message, { details: { ArgumentName: name, ArgumentValue: value } });
}

/** As `encoding-type=url` writes keys: like a form field, but with "/" as it is. */
function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%2F", "/")
    .replaceAll("%20", "+");
}

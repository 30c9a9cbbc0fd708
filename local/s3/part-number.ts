import { invalidArgument } from "./listing-parameters.ts";
import type { S3Request } from "./request.ts";

/** "Amazon S3 multipart upload limits". */
const mostParts = 10_000;

/** The number of the part a request brings. Throws: S3Error InvalidArgument. */
export function partNumber({ query }: S3Request): number {
  const text = query.get("partNumber") ?? "";
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= mostParts) return number;
  const message = `Part number must be an integer between 1 and ${mostParts}, inclusive`;
  throw invalidArgument("partNumber", text, message);
}

/** Parts up to this one are left out of a listing. Throws: S3Error InvalidArgument. */
export function parsePartMarker(name: string, text = "0"): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw invalidArgument(name, text, `Provided ${name} not an integer or within integer range`);
}

import { S3Error } from "./errors.ts";

/** Bytes of an object, half-open. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The bytes a Range header asks for, or undefined for the whole: without a header, with one S3 cannot read, and for
 * several ranges, which S3 does not serve (GetObject, "Range").
 * Throws: S3Error InvalidRange when no byte of the object is in it.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return undefined;
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  const range = first === "" ? suffix(Number(last), size) : span(Number(first), last, size);
  if (range.start < range.end) return range;
  throw new S3Error("InvalidRange", "The requested range is not satisfiable", {
    details: { RangeRequested: header ?? "", ActualObjectSize: String(size) },
    headers: { "content-range": `bytes */${size}` },
  });
}

function suffix(length: number, size: number): ByteRange {
  return { start: Math.max(size - length, 0), end: size };
}

function span(first: number, last: string, size: number): ByteRange {
  return { start: first, end: last === "" ? size : Math.min(Number(last) + 1, size) };
}

/** The value of Content-Range. */
export function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
}

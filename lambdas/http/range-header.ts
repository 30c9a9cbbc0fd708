import type { ByteRange } from "../layout/byte-range.ts";

/** What a Range header asks of a representation of known length. */
export type RangeRequest =
  /** The whole: no Range, one that is malformed or of another unit (to be ignored), or several ranges. */
  | { readonly kind: "whole" }
  | { readonly kind: "single"; readonly range: ByteRange }
  | { readonly kind: "unsatisfiable" };

/**
 * Reads a Range header (RFC 9110, sections 14.1.2 and 14.2).
 *
 * Several ranges get the whole: a server may ignore a Range header, and no client that resumes or fetches
 * ranges side by side asks for several at once. A malformed header is ignored, as the section asks.
 * Units: bytes; `lengthBytes` is the length of the whole representation.
 */
export function parseRangeHeader(header: string | undefined, lengthBytes: number): RangeRequest {
  if (header === undefined) return whole;
  const specs = bytesUnit.exec(header)?.[1];
  if (specs === undefined) return whole;
  const [spec, ...others] = specs
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  if (spec === undefined || others.length > 0) return whole;
  return parseRangeSpec(spec, lengthBytes);
}

/** `bytes 0-499/1234` for a Content-Range header (RFC 9110, section 14.4). */
export function formatContentRange(range: ByteRange, lengthBytes: number): string {
  return `bytes ${range.start}-${range.end - 1}/${lengthBytes}`;
}

/** The Content-Range of an answer 416: no range, but the length there is. */
export function formatUnsatisfiedRange(lengthBytes: number): string {
  return `bytes */${lengthBytes}`;
}

const whole: RangeRequest = { kind: "whole" };
const unsatisfiable: RangeRequest = { kind: "unsatisfiable" };
// Range units are case-insensitive (RFC 9110, section 14.1).
const bytesUnit = /^bytes=(.*)$/i;
const rangeSpec = /^([0-9]*)-([0-9]*)$/;

function parseRangeSpec(spec: string, lengthBytes: number): RangeRequest {
  const match = rangeSpec.exec(spec);
  const [, first = "", last = ""] = match ?? [];
  if (first === "" && last === "") return whole;
  if (first === "") return single(Math.max(0, lengthBytes - Number(last)), lengthBytes, lengthBytes);
  // Positions beyond 2^53 lose their last digits here, and lie behind the end of every archive either way.
  const start = Number(first);
  if (last === "") return single(start, lengthBytes, lengthBytes);
  if (Number(last) < start) return whole;
  return single(start, Math.min(Number(last) + 1, lengthBytes), lengthBytes);
}

function single(start: number, end: number, lengthBytes: number): RangeRequest {
  return start < end && start < lengthBytes ? { kind: "single", range: { start, end } } : unsatisfiable;
}

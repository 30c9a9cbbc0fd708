/** Bytes from `start` up to but not including `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes in a range. */
export function lengthOfByteRange(range: ByteRange): number {
  return range.end - range.start;
}

import { lengthOfByteRange } from "../layout/byte-range.ts";
import { dataOffset, type Layout, lastIndexAtOrBefore, offsetAt } from "../layout/layout.ts";
import type { Part, UploadedPart } from "./part-plan.ts";
import type { AssemblyPrices } from "./prices.ts";

/**
 * What a part takes of a worker's time, modelled; copies and requests count as their share of those under
 * way at once.
 */
export function workerSeconds(layout: Layout, part: Part, prices: AssemblyPrices): number {
  const lengthBytes = lengthOfByteRange(part);
  if (part.kind === "copied") {
    return prices.requestSeconds + lengthBytes / (prices.copyBytesPerSecond * prices.copiesAtOnce);
  }
  const requestCount = readCount(layout, part) + 1;
  return requestCount * prices.requestSeconds + lengthBytes / prices.workerBytesPerSecond;
}

/** Entries of which an uploaded part holds data: each is one read. */
export function readCount(layout: Layout, { start, end }: UploadedPart): number {
  const { localHeaderOffsets, source } = layout;
  let count = 0;
  const first = lastIndexAtOrBefore(localHeaderOffsets, start);
  for (let entry = first; entry < source.entryCount && dataOffset(layout, entry) < end; entry++) {
    if (source.sizeBytes(entry) > 0 && offsetAt(localHeaderOffsets, entry + 1) > start) count++;
  }
  return count;
}

import { lengthOfByteRange } from "../layout/byte-range.ts";
import { type Layout, lastIndexAtOrBefore } from "../layout/layout.ts";
import type { Part } from "./part-plan.ts";
import type { AssemblyPrices } from "./prices.ts";

/** What a part takes of a worker's time, modelled; copies and requests count as their share of those under way at once. */
export function workerSeconds(layout: Layout, part: Part, prices: AssemblyPrices): number {
  const lengthBytes = lengthOfByteRange(part);
  if (part.kind === "copied") {
    return prices.requestSeconds + lengthBytes / (prices.copyBytesPerSecond * prices.copiesAtOnce);
  }
  const requestCount = readCount(layout, part) + 1;
  return requestCount * prices.requestSeconds + lengthBytes / prices.workerBytesPerSecond;
}

/** Entries with bytes in a range, all of them counted as if they had data: close enough to share out work. */
function readCount({ localHeaderOffsets }: Layout, { start, end }: Part): number {
  return (
    lastIndexAtOrBefore(localHeaderOffsets, end - 1) - lastIndexAtOrBefore(localHeaderOffsets, start) + 1
  );
}

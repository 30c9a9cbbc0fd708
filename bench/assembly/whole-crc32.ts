import { crc32 } from "node:zlib";
import type { PartCrc32 } from "../../lambdas/ball/source.ts";
import { combineCrc32s } from "../../lambdas/crc32/combine-crc32.ts";
import { lengthOfByteRange } from "../../lambdas/layout/byte-range.ts";
import { encodeSlice, isHeaderSlice } from "../../lambdas/layout/encode-slice.ts";
import type { Layout } from "../../lambdas/layout/layout.ts";
import { sliceLayout } from "../../lambdas/layout/slice-layout.ts";

/** The CRC-32 that a whole archive must have, when its entries' data has these. */
export function wholeCrc32(layout: Layout, crc32Of: (entry: number) => number): number {
  return combineCrc32s(runsOf(layout, crc32Of));
}

function* runsOf(layout: Layout, crc32Of: (entry: number) => number): Generator<PartCrc32> {
  for (const slice of sliceLayout(layout, { start: 0, end: layout.lengthBytes })) {
    const isHeader = isHeaderSlice(slice);
    yield {
      sizeBytes: lengthOfByteRange(slice),
      crc32: isHeader ? crc32(encodeSlice(layout, slice, crc32Of)) : crc32Of(slice.entry),
    };
  }
}

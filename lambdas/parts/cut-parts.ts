import type { ByteRange } from "../layout/byte-range.ts";
import { dataOffset, type Layout, lastIndexAtOrBefore, offsetAt } from "../layout/layout.ts";
import { cutEvenly } from "./cut-evenly.ts";
import type { CopiedPart, Part, PartLimits, UploadedPart } from "./part-plan.ts";
import type { PartSizes } from "./part-sizes.ts";

/** An archive whose copied bodies are chosen, about to be cut. */
export interface Cut {
  readonly layout: Layout;
  /** Entries whose bodies are copied, in order. */
  readonly copied: readonly number[];
  readonly sizes: PartSizes;
  readonly limits: PartLimits;
}

/**
 * The parts before the closing ones, in order. Before each copied body stands an uploaded part with its
 * header, which takes what it lacks to be a part from the head of the body; the copied parts go to the very
 * end of the body.
 */
export function* cutParts(cut: Cut): Generator<Part, void, undefined> {
  const { layout, copied, limits } = cut;
  let start = 0;
  for (const entry of copied) {
    const partStart = yield* cutMoved(cut, start, entry);
    const head = Math.max(dataOffset(layout, entry), partStart + limits.smallestPartBytes);
    const end = offsetAt(layout.localHeaderOffsets, entry + 1);
    yield { kind: "uploaded", start: partStart, end: head };
    yield* cutCopied(cut, { start: head, end }, entry);
    start = end;
  }
  const partStart = yield* cutMoved(cut, start, layout.source.entryCount);
  const end = startOfClosing(layout, partStart, cut);
  if (end > partStart) yield { kind: "uploaded", start: partStart, end };
}

/**
 * Where the closing parts begin, when the last uploaded part before them begins at `partStart`: there, when
 * it is too short to be a part or has room for the central directory, so that an archive of few bytes is one
 * part; else at the central directory.
 */
export function startOfClosing(
  { centralDirectoryOffset, lengthBytes }: Layout,
  partStart: number,
  { sizes, limits }: Pick<Cut, "sizes" | "limits">,
): number {
  const isPart = centralDirectoryOffset - partStart >= limits.smallestPartBytes;
  const hasRoom = lengthBytes - partStart <= sizes.uploadedBytes;
  return isPart && !hasRoom ? centralDirectoryOffset : partStart;
}

/**
 * The closing parts, from the end of the last part before them: the central directory may be cut anywhere.
 */
export function cutClosing({ layout, sizes }: Cut, start: number): readonly UploadedPart[] {
  const range = { start, end: layout.lengthBytes };
  return cutEvenly(range, sizes.uploadedBytes).map((part) => ({ kind: "uploaded", ...part }));
}

/**
 * Cuts moved entries, from the one whose header stands at `start` to the one before `endEntry`, into
 * uploaded parts; answers where the part begins that is not finished.
 */
function* cutMoved(cut: Cut, start: number, endEntry: number): Generator<UploadedPart, number, undefined> {
  let partStart = start;
  for (;;) {
    const entry = nextPartEntry(cut, partStart);
    if (entry >= endEntry) return partStart;
    const end = offsetAt(cut.layout.localHeaderOffsets, entry);
    yield { kind: "uploaded", start: partStart, end };
    partStart = end;
  }
}

/** The first entry that would make the part from `partStart` too long, once it is long enough to be one. */
function nextPartEntry({ layout, sizes, limits }: Cut, partStart: number): number {
  const offsets = layout.localHeaderOffsets;
  const entry = lastIndexAtOrBefore(offsets, partStart + sizes.uploadedBytes);
  return offsetAt(offsets, entry) - partStart >= limits.smallestPartBytes ? entry : entry + 1;
}

function* cutCopied(cut: Cut, range: ByteRange, entry: number): Generator<CopiedPart, void, undefined> {
  for (const part of cutEvenly(range, cut.sizes.copiedBytes)) yield { kind: "copied", ...part, entry };
}

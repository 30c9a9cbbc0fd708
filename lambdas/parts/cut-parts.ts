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
 * The parts before the closing ones, in order. Before each copied body stands an uploaded part with its header, which
 * takes what it lacks to be a part from the head of the body; the copied parts go to the very end of the body.
 */
export function* cutParts(cut: Cut): Generator<Part, void, undefined> {
  const { layout, copied, limits } = cut;
  let start = 0;
  for (const entry of copied) {
    const end = offsetAt(layout.localHeaderOffsets, entry + 1);
    const head = Math.max(dataOffset(layout, entry), start + limits.smallestPartBytes);
    yield* cutUploaded(cut, { start, end: head });
    yield* cutCopied(cut, { start: head, end }, entry);
    start = end;
  }
  yield* cutUploaded(cut, { start, end: startOfClosing(cut) });
}

/**
 * The closing parts: the central directory, cut anywhere, and before it what behind the last copied body is too short to be
 * a part.
 */
export function cutClosing(cut: Cut): readonly UploadedPart[] {
  const range = { start: startOfClosing(cut), end: cut.layout.lengthBytes };
  return cutEvenly(range, cut.sizes.uploadedBytes).map((part) => ({ kind: "uploaded", ...part }));
}

function startOfClosing({ layout, copied, limits }: Cut): number {
  const lastCopied = copied.at(-1);
  const start = lastCopied === undefined ? 0 : offsetAt(layout.localHeaderOffsets, lastCopied + 1);
  const isPart = layout.centralDirectoryOffset - start >= limits.smallestPartBytes;
  return isPart ? layout.centralDirectoryOffset : start;
}

/** Cuts a run that begins with a header before other headers, so that no body is torn that passes through compute. */
function* cutUploaded(cut: Cut, run: ByteRange): Generator<UploadedPart, void, undefined> {
  let { start } = run;
  for (let next = nextCut(cut, run); next !== undefined; next = nextCut(cut, { start, end: run.end })) {
    yield { kind: "uploaded", start, end: next };
    start = next;
  }
  if (start < run.end) yield { kind: "uploaded", start, end: run.end };
}

/** The header that the next part begins with: the last one that is near enough, or else the first that is far enough. */
function nextCut({ layout, sizes, limits }: Cut, { start, end }: ByteRange): number | undefined {
  const offsets = layout.localHeaderOffsets;
  const earliest = start + limits.smallestPartBytes;
  const latest = end - limits.smallestPartBytes;
  if (latest < earliest) return undefined;
  const index = lastIndexAtOrBefore(offsets, Math.min(start + sizes.uploadedBytes, latest));
  const offset = offsetAt(offsets, index);
  if (offset >= earliest) return offset;
  const following = offsets[index + 1];
  return following !== undefined && following <= latest ? following : undefined;
}

function* cutCopied(cut: Cut, range: ByteRange, entry: number): Generator<CopiedPart, void, undefined> {
  for (const part of cutEvenly(range, cut.sizes.copiedBytes)) yield { kind: "copied", ...part, entry };
}

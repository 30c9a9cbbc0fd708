import { isReadAtOnce } from "../delivery/archive-steps.ts";
import { streamArchive } from "../delivery/stream-archive.ts";
import type { ByteRange } from "../layout/byte-range.ts";
import { lengthOfByteRange } from "../layout/byte-range.ts";
import type { AssemblyContext } from "./assembly-context.ts";
import { noteRefuted } from "./note-refuted.ts";
import { isOfObject } from "./object-entries.ts";
import type { OpenAssembly } from "./open-assembly.ts";
import { type PartSpans, spansOfPart, writeLateHeaders } from "./part-bytes.ts";

/** A part's bytes in memory, but for the headers that have to wait. */
export interface FilledPart {
  readonly range: ByteRange;
  /** The start of the buffer that it was filled into. */
  readonly bytes: Uint8Array;
  readonly spans: PartSpans;
}

/**
 * Reads the bytes of an uploaded part, as a download of that range would: same window, same checks. A header waits
 * where its entry's CRC-32 is not known and follows from what is read, or copied, behind it: nothing is read for that
 * alone. What was learned of CRC-32s is with the assembly then, and what was refuted among its findings.
 * `buffer` has room for all of the part. Throws: what streamArchive's chunks do.
 */
export async function fillPart(
  context: AssemblyContext,
  assembly: OpenAssembly,
  range: ByteRange,
  buffer: Uint8Array,
  signal: AbortSignal,
): Promise<FilledPart> {
  const { layout, manifest, crc32s } = assembly;
  const isLate = (entry: number) =>
    isOfObject(manifest, entry) && !crc32s.known.isKnown(entry) && !isReadAtOnce(layout, range, entry);
  const spans = spansOfPart(layout, range, isLate);
  const bytes = buffer.subarray(0, lengthOfByteRange(range));
  for (const span of spans.streamed) {
    await streamInto(context, assembly, span, bytes.subarray(span.start - range.start), signal);
  }
  return { range, bytes, spans };
}

/** Completes the part with the headers that waited. Throws: Error while one of their CRC-32s is not known. */
export function finishPart({ layout, crc32s }: OpenAssembly, { range, bytes, spans }: FilledPart): void {
  writeLateHeaders(layout, range, spans, bytes, (entry) => crc32s.of(entry));
}

async function streamInto(
  { contents, limits }: AssemblyContext,
  assembly: OpenAssembly,
  range: ByteRange,
  target: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const { manifest, layout, reader, crc32s } = assembly;
  const stream = streamArchive({
    ...{ manifest, layout, reader, range, contents, signal },
    crc32s: crc32s.known,
    ...(limits !== undefined && { limits }),
  });
  let offset = 0;
  try {
    for await (const chunk of stream.chunks) {
      target.set(chunk, offset);
      offset += chunk.length;
    }
  } catch (error) {
    noteRefuted(assembly, stream.refuted, (entry) => crc32s.known.get(entry) ?? stream.learned.get(entry));
    throw error;
  }
  crc32s.learnAll(stream.learned);
}

import { crc32 } from "node:zlib";
import type { FinishedPart } from "../ball/archive-bucket.ts";
import { BallError } from "../ball/errors.ts";
import { combineCrc32s } from "../crc32/combine-crc32.ts";
import { Crc32Learner } from "../crc32/crc32-learner.ts";
import { dataOffset } from "../layout/layout.ts";
import type { AssemblyContext } from "./assembly-context.ts";
import type { FilledPart } from "./fill-part.ts";
import { noteRefuted } from "./note-refuted.ts";
import type { OpenAssembly } from "./open-assembly.ts";

/**
 * CRC-32 of the head of an entry's data that stands at the end of a filled part, and its length in bytes.
 */
export function headCrc32(
  { layout }: OpenAssembly,
  entry: number,
  { range, bytes }: FilledPart,
): { readonly crc32: number; readonly sizeBytes: number } {
  const head = bytes.subarray(dataOffset(layout, entry) - range.start);
  return { crc32: crc32(head), sizeBytes: head.length };
}

/**
 * Learns the CRC-32 of an entry whose data was copied, but for its head, from those of its pieces. What was known of it
 * before is held to that: S3 computed it of the very bytes it copied.
 * Where S3 does not tell CRC-32s of copied parts, it is asked for that of the object, and the object is read at last.
 * Throws: BallError("source-corrupt") when another was known, which is among the findings then; what the reader throws.
 */
export async function learnCopiedCrc32(
  { contents }: AssemblyContext,
  assembly: OpenAssembly,
  entry: number,
  head: { readonly crc32: number; readonly sizeBytes: number },
  copies: readonly FinishedPart[],
  signal: AbortSignal,
): Promise<void> {
  const { manifest, crc32s, reader } = assembly;
  const known = crc32s.known.get(entry);
  const pieces = copies.flatMap(({ sizeBytes, crc32 }) =>
    crc32 === undefined ? [] : [{ sizeBytes, crc32 }],
  );
  const isTold = pieces.length === copies.length;
  if (!isTold && known !== undefined) return;
  const found = isTold
    ? combineCrc32s([head, ...pieces])
    : await new Crc32Learner(reader, contents).learn(manifest.source(entry), signal);
  if (known !== undefined && known !== found) throw refuted(assembly, entry, known);
  if (known === undefined) crc32s.learn(entry, found);
}

function refuted(assembly: OpenAssembly, entry: number, known: number): BallError {
  noteRefuted(assembly, [entry], () => known);
  return new BallError(
    "source-corrupt",
    `The bytes of ${JSON.stringify(assembly.manifest.key(entry))} that S3 copied have another CRC-32 than was known of them`,
  );
}

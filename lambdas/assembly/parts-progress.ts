import { countFilesWithin, type FileSpans, fileSpansOf } from "../delivery/file-spans.ts";
import { unionRanges } from "../delivery/union-ranges.ts";
import { type ByteRange, lengthOfByteRange } from "../layout/byte-range.ts";
import type { OpenAssembly } from "./open-assembly.ts";

/** How far a worker has come with its parts. */
export class PartsProgress {
  readonly #finished: ByteRange[] = [];
  readonly #assembly: OpenAssembly;
  #spans: FileSpans | undefined;

  constructor(assembly: OpenAssembly) {
    this.#assembly = assembly;
  }

  get partCount(): number {
    return this.#finished.length;
  }

  add(part: ByteRange): void {
    this.#finished.push({ start: part.start, end: part.end });
  }

  /** In bytes of the archive, and in selected files of which all bytes are there. */
  count(): { readonly doneBytes: number; readonly doneFileCount: number } {
    const finished = unionRanges(this.#finished);
    this.#spans ??= fileSpansOf(this.#assembly.manifest);
    return {
      doneBytes: finished.reduce((sum, range) => sum + lengthOfByteRange(range), 0),
      doneFileCount: countFilesWithin(this.#spans, finished),
    };
  }
}

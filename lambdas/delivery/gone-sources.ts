import { type BallError, failedWith } from "../ball/errors.ts";
import type { PinnedSource, SourceReader } from "../ball/source.ts";

/** A source that can no longer be read as it was pinned, and what the request for it failed with. */
export interface GoneSource {
  readonly source: PinnedSource;
  readonly error: BallError;
}

/** Whether a failure says that its source is gone for good. Any other may pass, or is somebody's to mend. */
export function isGone(error: unknown): error is BallError {
  return failedWith(error, "source-changed", "source-archived");
}

/** The same reader, and what it found gone by now, in the order in which it was found, in the list given or a new one. */
export function watchGone(
  reader: SourceReader,
  gone: GoneSource[] = [],
): { reader: SourceReader; gone: readonly GoneSource[] } {
  const watch = <Answer>(source: PinnedSource, asking: Promise<Answer>): Promise<Answer> => {
    asking.catch((error: unknown) => {
      if (isGone(error)) gone.push({ source, error });
    });
    return asking;
  };
  return {
    gone,
    reader: {
      list: (bucket, prefix) => reader.list(bucket, prefix),
      describe: (bucket, key, signal) => reader.describe(bucket, key, signal),
      describePinned: (source, signal) => watch(source, reader.describePinned(source, signal)),
      partCrc32s: (source, signal) => watch(source, reader.partCrc32s(source, signal)),
      read: (source, range, signal) => {
        const read = reader.read(source, range, signal);
        watch(source, read.ended);
        return read;
      },
      firstByteMs: (bucket) => reader.firstByteMs(bucket),
    },
  };
}

/** What became of a source, behind its name. */
export function fateOf({ error }: GoneSource): string {
  return error.code === "source-archived"
    ? "was moved to an archive, from which it has to be restored before it can be read"
    : "was changed or deleted after this zip was asked for";
}

import type { Pin } from "../ball/pin.ts";

/** What was learned of the bytes behind a pin. It follows from the pin and so never changes. */
export interface KnownContent {
  readonly key: string;
  readonly pin: Pin;
  readonly crc32: number;
  /**
   * Of a content pinned by its ETag: the version that had it, and when that was written; `versionId` is undefined where
   * the bucket kept no versions. A listing tells no version ids; an object it lists with the same ETag and time is
   * that version.
   */
  readonly version?: { readonly versionId: string | undefined; readonly mtimeEpochSeconds: number };
}

/** What a content is kept under. */
export interface ContentName {
  readonly key: string;
  readonly pin: Pin;
}

/** CRC-32s learned before, whoever needed them: so that none is computed twice. An aborted signal ends each method. */
export interface KnownContents {
  /** As many as are known, in any order. */
  find(
    bucket: string,
    contents: readonly ContentName[],
    signal?: AbortSignal,
  ): Promise<readonly KnownContent[]>;
  keep(bucket: string, contents: readonly KnownContent[], signal?: AbortSignal): Promise<void>;
  /** Drops what was kept of these, if anything was: it turned out to be wrong, and has to be learned again. */
  forget(bucket: string, contents: readonly ContentName[], signal?: AbortSignal): Promise<void>;
}

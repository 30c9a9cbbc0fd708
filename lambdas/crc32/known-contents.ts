import type { Pin } from "../ball/pin.ts";

/** What was learned of the bytes behind a pin. It follows from the pin and so never changes. */
export interface KnownContent {
  readonly key: string;
  readonly pin: Pin;
  readonly crc32: number;
  /**
   * Of a content pinned by its ETag in a bucket that keeps versions: the version that had it, and when that was
   * written. A listing tells no version ids; an object it lists with the same ETag and time is that version.
   */
  readonly version?: { readonly versionId: string; readonly mtimeEpochSeconds: number };
}

/** CRC-32s learned before, whoever needed them: so that none is computed twice. */
export interface KnownContents {
  /** As many as are known, in any order. */
  find(
    bucket: string,
    sources: readonly { readonly key: string; readonly pin: Pin }[],
  ): Promise<readonly KnownContent[]>;
  keep(bucket: string, contents: readonly KnownContent[]): Promise<void>;
}

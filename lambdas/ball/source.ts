import type { Pin } from "./pin.ts";

/** An object that may become an entry, as S3 describes it. */
export interface SourceObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly mtimeEpochSeconds: number;
  /** With its quotation marks. */
  readonly etag: string;
  /** Not told by a listing, nor by a bucket that keeps no versions. */
  readonly versionId: string | undefined;
  /** In an archive storage class, and not restored: it can not be read now. */
  readonly isArchived: boolean;
  /**
   * CRC-32 of the whole object. A listing does not tell it; S3 does not keep it of every object, and of one uploaded in
   * parts it may keep those of the parts.
   */
  readonly crc32: number | "not told" | "in parts" | "not kept";
  /** MD5 of the bytes in hexadecimal, where the object was described and its ETag is known to be that. */
  readonly md5?: string;
}

/** The source objects in S3. Every method throws BallError("source-forbidden") when S3 refuses access. */
export interface SourceReader {
  /** Objects whose key starts with `prefix`, in order of their key's bytes, page by page. */
  list(bucket: string, prefix: string): AsyncIterable<readonly SourceObject[]>;
  /** The object of that key as it is now; undefined when there is none. */
  describe(bucket: string, key: string, signal?: AbortSignal): Promise<SourceObject | undefined>;
  /** The pinned object. Throws: BallError("source-changed") when there is no such object any more. */
  describePinned(source: PinnedSource, signal?: AbortSignal): Promise<SourceObject>;
  /**
   * The parts a pinned object was uploaded in, in order: together they are the object. undefined when S3 does not tell
   * them. Throws: BallError("source-changed") when there is no such object any more.
   */
  partCrc32s(source: PinnedSource, signal?: AbortSignal): Promise<readonly PartCrc32[] | undefined>;
  /**
   * Reads bytes `start` to `end` (half-open, at least one) of a pinned object: asks for them at once.
   * The read fails with BallError("source-changed") when there is no such object any more, BallError("source-corrupt")
   * when S3 goes on answering other bytes than those asked for, BallError("source-unreadable") when it goes on failing;
   * the signal's reason once it is aborted.
   */
  read(source: PinnedSource, range: SourceRange, signal?: AbortSignal): SourceRead;
  /**
   * The shortest time between a request for bytes of that bucket and its answer so far, in milliseconds: how far away S3
   * is, whatever else this process does; undefined before the first answer.
   */
  firstByteMs(bucket: string): number | undefined;
}

/**
 * A read under way. It goes on ahead of whoever takes its bytes, until `readBufferBytes` wait to be taken or written;
 * then its connection pauses.
 */
export interface SourceRead {
  /** Resolves when S3 has answered that the pinned object is there; rejects when the read fails before that. */
  readonly answered: Promise<void>;
  /** Resolves when all bytes have come, so that no connection is used any more; rejects when the read fails. */
  readonly ended: Promise<void>;
  /** Whether `take` has an answer at once. */
  readonly isReady: boolean;
  /**
   * What has come since it was last asked, at least one chunk; undefined behind the last byte. To be asked again when
   * what was taken is done with. Rejects when the read fails, with all bytes before the failure taken.
   */
  take(): Promise<readonly Uint8Array[] | undefined>;
  /** The same at once, of a read that is ready: asking costs no promise. Throws when the read has failed. */
  takeNow(): readonly Uint8Array[] | undefined;
}

/** Most bytes that one read holds. */
export const readBufferBytes = 2 * 1024 * 1024;

export interface PinnedSource {
  readonly bucket: string;
  readonly key: string;
  readonly pin: Pin;
  readonly sizeBytes: number;
}

/** One part of an object that was uploaded in parts. */
export interface PartCrc32 {
  readonly sizeBytes: number;
  readonly crc32: number;
}

/** Bytes of one source object, half-open. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

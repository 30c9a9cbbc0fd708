import type { AssembledArchive } from "./assembly.ts";
import type { PinnedSource, SourceRange } from "./source.ts";

/** A multipart upload under way. */
export interface ArchiveUpload {
  readonly key: string;
  readonly uploadId: string;
}

/** A part as S3 has it. */
export interface FinishedPart {
  /** From 1. */
  readonly number: number;
  /** With its quotation marks. */
  readonly etag: string;
  readonly sizeBytes: number;
  /** CRC-32 of its bytes; undefined where S3 does not tell that of a copied part. */
  readonly crc32: number | undefined;
}

/**
 * The bucket of archives. Uploads are made with a CRC-32 of the full object, which S3 holds every part to.
 * An aborted signal ends each method with its reason. What fails for good is a BallError: of a source as its reader has it
 * ("source-changed", "source-forbidden", "source-unreadable"), of the bucket of archives "archive-unwritable"; an upload that is no
 * longer there is "upload-gone". Keys begin with the ball's id and the entity tag of its plan, each with a slash behind it:
 * no error names these, as whoever knows the id may download the ball.
 */
export interface ArchiveBucket {
  /** Begins an upload and answers its id. */
  beginUpload(key: string, signal?: AbortSignal): Promise<string>;
  /** `crc32` is that of the bytes: S3 refuses others. */
  uploadPart(
    upload: ArchiveUpload,
    number: number,
    part: { readonly bytes: Uint8Array; readonly crc32: number },
    signal?: AbortSignal,
  ): Promise<FinishedPart>;
  /** Copies bytes of a pinned source object, without reading them. */
  copyPart(
    upload: ArchiveUpload,
    number: number,
    part: { readonly source: PinnedSource; readonly range: SourceRange },
    signal?: AbortSignal,
  ): Promise<FinishedPart>;
  /** Copies bytes of an object of this bucket, as long as it has that ETag: one that was cleaned up is "upload-gone". */
  joinPart(
    upload: ArchiveUpload,
    number: number,
    part: { readonly object: AssembledArchive; readonly range: SourceRange },
    signal?: AbortSignal,
  ): Promise<FinishedPart>;
  /** Parts with numbers from `first` up to but not including `end`, as far as they are there, in order. */
  parts(upload: ArchiveUpload, first: number, end: number, signal?: AbortSignal): Promise<FinishedPart[]>;
  /**
   * Makes the object of all parts, which S3 holds to this length and CRC-32 (undefined: the length alone).
   * Of several that complete one upload all are answered the same object. An object that is other than that is not left.
   */
  complete(
    upload: ArchiveUpload,
    parts: readonly FinishedPart[],
    whole: { readonly lengthBytes: number; readonly crc32: number | undefined },
    signal?: AbortSignal,
  ): Promise<AssembledArchive>;
  /** Ends an upload that is not completed, and removes its parts; one that is gone is ended. */
  abort(upload: ArchiveUpload): Promise<void>;
  /** The object of that key; undefined when there is none. */
  find(key: string, signal?: AbortSignal): Promise<AssembledArchive | undefined>;
  /** Uploads an object whose length nobody knows beforehand, part by part, with a CRC-32. Nothing is left when it fails. */
  put(key: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<AssembledArchive>;
  /** Aborts all uploads and removes all objects whose key begins with `prefix`, but for the object `except`. */
  removeAll(prefix: string, except?: string): Promise<void>;
}

/** How an archive is saved. */
export interface LinkOptions {
  /** Header that tells the name to save the download under. */
  readonly contentDisposition: string;
  /** How long the link is to work, at most, in seconds: 1 to 604,800. */
  readonly seconds: number;
}

/** Makes links to archives: each allows one GET of one object, to whoever has it. */
export interface ArchiveLinks {
  /** Throws: BallError("archive-unreadable") when the credentials it would be signed with do not live on. */
  sign(key: string, options: LinkOptions): Promise<string>;
}

import type { Crc32Column } from "./crc32-column.ts";
import type { Manifest } from "./manifest.ts";

/**
 * Which archive a ball is at present. The first plan is made with the ball. When objects turn out to be gone or changed,
 * the ball is planned anew without them, and when bytes turn out not to have the CRC-32 that was told of them, anew with
 * what is then known: another archive, with another entity tag.
 */
export interface Plan {
  /** 0 for the plan a ball was made with; each one after it adds 1. */
  readonly planNumber: number;
  readonly plannedAtEpochSeconds: number;
  /** Strong entity tag of the archive, with its quotation marks. */
  readonly etag: string;
  /** Exact length of the archive in bytes. */
  readonly lengthBytes: number;
  /** Entries of the archive: files, directories, and the one that names what was skipped. */
  readonly entryCount: number;
  /** Entries that are selected files. */
  readonly fileCount: number;
  /** Selected files that could no longer be read when this plan was made. */
  readonly skippedFileCount: number;
  /** Folders in which, with all folders below, every file was skipped. */
  readonly skippedFolderCount: number;
}

/** One requested download, as everything but its manifest describes it. */
export interface Ball extends Plan {
  /** UUIDv4; whoever knows it may download. */
  readonly ballId: string;
  /** The bucket its objects are in: whoever may read that may ask for its status. */
  readonly bucket: string;
  readonly createdAtEpochSeconds: number;
  /** From this second on the link answers that it has expired. The start of a download may put it off. */
  readonly expiresAtEpochSeconds: number;
  /** How long the ball lives from the start of its download; undefined where that start changes nothing. */
  readonly lifetimeFromStartSeconds: number | undefined;
  /** When the first byte was asked for; undefined before. */
  readonly startedAtEpochSeconds: number | undefined;
  /** File name the download is saved under, unless the link asks for another. */
  readonly fileName: string;
  /** Id of the token it was made with, from which nobody can make the token. */
  readonly tokenId: string;
  /**
   * How its bytes reach whoever asks, for as long as it lives: streamed by a function, or assembled inside S3 and fetched
   * from there. `etag` is told of a streamed one alone: of an assembled one S3 judges, by its own.
   */
  readonly delivery: "stream" | "assemble";
  /** `deflate`: entries are compressed, so that `lengthBytes` is only what they would come to if they were stored. */
  readonly compression: "stored" | "deflate";
}

/** How far one answered request for bytes of a plan has come. */
export interface SentRange {
  /** Tells one request from another. */
  readonly requestId: string;
  readonly planNumber: number;
  /** Bytes of the archive that were sent, half-open: from the start of what was asked for. */
  readonly start: number;
  readonly end: number;
  readonly updatedAtEpochMs: number;
  /** What broke the answer off, in words for the ball's owner; undefined while all is well. */
  readonly failure: string | undefined;
}

/** Where balls are kept. A ball is there whole or not at all, whichever replica asks. */
export interface BallStore {
  /** Keeps a ball. Throws when it can not, and leaves nothing that could be found. */
  put(ball: Ball, manifest: Manifest, crc32s: Crc32Column): Promise<void>;
  /** Makes a ball one that can not be found any more; what it was made of goes with its time. */
  remove(ball: Ball): Promise<void>;
  /** A ball that was made, expired ones too for some time; undefined when there is none. */
  get(ballId: string): Promise<Ball | undefined>;
  /** The manifest of the ball's plan. Throws: BallError("ball-corrupt") when what is stored is not what was made. */
  getManifest(ball: Ball): Promise<Manifest>;
  /** As much of it as is known by now. */
  getCrc32s(ball: Ball): Promise<Crc32Column>;
  /**
   * Adds what was learned since; what is known already stays. All of it is kept when it returns.
   * Throws: Error when it could not be kept, as others added without a pause; some of it may have been.
   */
  addCrc32s(ball: Ball, learned: Crc32Column): Promise<void>;
  /** Keeps when the ball's download began, unless it is known, and answers the ball as it is then. */
  start(ball: Ball, startedAtEpochSeconds: number): Promise<Ball>;
  /**
   * Puts another plan in place of the ball's, unless that was done since `ball` was read, and answers the ball as it is
   * then. A reader of the plan before can go on reading its manifest. Of several that come to the same entity tag, the
   * CRC-32s of one are kept: what a header was made of never changes under a tag.
   */
  replan(ball: Ball, plan: Plan, manifest: Manifest, crc32s: Crc32Column): Promise<Ball>;
  /** Keeps how far a request has come, in place of what was kept of the same request. */
  keepSentRange(ball: Ball, sent: SentRange): Promise<void>;
  /** What was sent of the ball's plan. */
  sentRanges(ball: Ball): Promise<readonly SentRange[]>;
}

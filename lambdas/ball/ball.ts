import type { Crc32Column } from "./crc32-column.ts";
import type { Manifest } from "./manifest.ts";

/** One requested download, as everything but its manifest describes it. Nothing of it changes once it is made. */
export interface Ball {
  /** UUIDv4; whoever knows it may download. */
  readonly ballId: string;
  readonly createdAtEpochSeconds: number;
  /** From this second on the link answers that it has expired. */
  readonly expiresAtEpochSeconds: number;
  /** Strong entity tag of the archive, with its quotation marks. */
  readonly etag: string;
  /** Exact length of the archive in bytes. */
  readonly lengthBytes: number;
  readonly entryCount: number;
  /** File name the download is saved under, unless the link asks for another. */
  readonly fileName: string;
}

/** Where balls are kept. A ball is there whole or not at all, whichever replica asks. */
export interface BallStore {
  /** Keeps a ball. Throws when it can not, and leaves nothing that could be found. */
  put(ball: Ball, manifest: Manifest, crc32s: Crc32Column): Promise<void>;
  /** A ball that was made, expired ones too for some time; undefined when there is none. */
  get(ballId: string): Promise<Ball | undefined>;
  /** Throws: BallError("ball-corrupt") when what is stored is not what was made. */
  getManifest(ball: Ball): Promise<Manifest>;
  /** As much of it as is known by now. */
  getCrc32s(ball: Ball): Promise<Crc32Column>;
  /** Adds what was learned since; what is known already stays. */
  addCrc32s(ball: Ball, learned: Crc32Column): Promise<void>;
}

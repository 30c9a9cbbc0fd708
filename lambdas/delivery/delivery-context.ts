import type { BallStore } from "../ball/ball.ts";
import type { SourceReader } from "../ball/source.ts";
import type { KnownContents } from "../crc32/known-contents.ts";
import type { StreamLimits } from "./stream-limits.ts";

/** What a download works with. */
export interface DeliveryContext {
  readonly store: BallStore;
  readonly reader: SourceReader;
  readonly contents: KnownContents;
  /** undefined: those of a process with memory enough. */
  readonly limits?: StreamLimits;
}

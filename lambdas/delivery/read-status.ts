import type { AssemblyStore } from "../ball/assembly.ts";
import type { Ball, BallStore, SentRange } from "../ball/ball.ts";
import { BallError } from "../ball/errors.ts";
import type { Grant } from "../ball/grant.ts";
import type { ByteRange } from "../layout/byte-range.ts";
import { type AssembledBytes, assembledStatus } from "./assembled-status.ts";
import { countFilesWithin, type FileSpans, fileSpansOf } from "./file-spans.ts";
import { requireAlive } from "./open-download.ts";
import { unionRanges } from "./union-ranges.ts";

/** How far the download of a ball has come, whatever number of requests it takes. */
export interface DownloadStatus {
  /** Selected files, with those that were skipped. */
  readonly totalFileCount: number;
  /** Files of which all was sent: header and data, the latter verified; of an assembled ball, of which all is in its archive. */
  readonly downloadedFileCount: number;
  readonly skippedFileCount: number;
  readonly skippedFolderCount: number;
  readonly state: "in_progress" | "failed" | "succeeded";
  /** What the last answer broke off for, or the assembly failed for, in words; undefined unless the state is `failed`. */
  readonly failure: string | undefined;
  /** How far the archive of an assembled ball has come; undefined for a streamed one. */
  readonly bytes: AssembledBytes | undefined;
}

/** What of a status depends on the way in which the ball is delivered. */
export type DeliveryStatus = Pick<DownloadStatus, "downloadedFileCount" | "state" | "failure" | "bytes">;

/** Where what is known of a download is kept. */
export interface StatusContext {
  readonly store: BallStore;
  readonly assemblies: Pick<AssemblyStore, "find" | "groups">;
}

/**
 * The status of a ball's download: of its present plan. That of a streamed ball is what was kept of the requests for it;
 * an assembled one is being made from the beginning, whether its download has begun or not.
 * Throws: BallError("ball-not-found"), also for a ball of another bucket than the grant's; BallError("ball-expired");
 * BallError("ball-not-started").
 */
export async function readStatus(
  { store, assemblies }: StatusContext,
  ballId: string,
  grant: Grant,
  now: Date,
): Promise<DownloadStatus> {
  const ball = await store.get(ballId);
  if (ball === undefined || ball.bucket !== grant.bucket)
    throw new BallError("ball-not-found", "There is no such ball");
  requireAlive(ball, now);
  const ofDelivery =
    ball.delivery === "assemble"
      ? await assembledStatus(assemblies, ball)
      : await streamedStatus(store, ball);
  return {
    totalFileCount: ball.fileCount + ball.skippedFileCount,
    skippedFileCount: ball.skippedFileCount,
    skippedFolderCount: ball.skippedFolderCount,
    ...ofDelivery,
  };
}

async function streamedStatus(store: BallStore, ball: Ball): Promise<DeliveryStatus> {
  if (ball.startedAtEpochSeconds === undefined)
    throw new BallError("ball-not-started", "The download has not begun; there is a status once it has");
  const requests = await store.sentRanges(ball);
  const sent = unionRanges(requests);
  const isWhole = sent.some(({ start, end }) => start === 0 && end === ball.lengthBytes);
  const failure = isWhole ? undefined : newest(requests)?.failure;
  return {
    downloadedFileCount: isWhole ? ball.fileCount : await countFiles(store, ball, sent),
    state: isWhole ? "succeeded" : failure === undefined ? "in_progress" : "failed",
    failure,
    bytes: undefined,
  };
}

function newest(requests: readonly SentRange[]): SentRange | undefined {
  return requests.toSorted((one, other) => one.updatedAtEpochMs - other.updatedAtEpochMs).at(-1);
}

async function countFiles(store: BallStore, ball: Ball, sent: readonly ByteRange[]): Promise<number> {
  return sent.length === 0 ? 0 : countFilesWithin(await spansOf(store, ball), sent);
}

/** Plans of which files' places are remembered: whoever waits for a download asks again every second. */
const mostRemembered = 4;
/** By entity tag, the one asked for last at the end. A tag names one plan for ever, so that nothing here grows old. */
const remembered = new Map<string, Promise<FileSpans>>();

function spansOf(store: BallStore, ball: Ball): Promise<FileSpans> {
  const spans = remembered.get(ball.etag) ?? store.getManifest(ball).then(fileSpansOf);
  remembered.delete(ball.etag);
  remembered.set(ball.etag, spans);
  const [oldest] = remembered.keys();
  if (remembered.size > mostRemembered && oldest !== undefined) remembered.delete(oldest);
  spans.catch(() => remembered.delete(ball.etag));
  return spans;
}

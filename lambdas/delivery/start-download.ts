import type { Ball, BallStore } from "../ball/ball.ts";
import type { ByteRange } from "../layout/byte-range.ts";
import { answerBytes } from "./answer-bytes.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import { watchGone } from "./gone-sources.ts";
import { type Download, type DownloadRequest, evaluateDownload, findBall } from "./open-download.ts";
import { replanBall } from "./replan-ball.ts";

/** A request that may be answered with bytes. */
export interface IdentifiedRequest extends DownloadRequest {
  /** Tells it from every other request. */
  readonly requestId: string;
}

/** A download whose answer is decided for good. */
export interface StartedDownload extends Download {
  /** Exactly the bytes that are answered, the first of them there; undefined for an answer without any. */
  readonly chunks: AsyncIterable<Uint8Array> | undefined;
}

/**
 * Starts the download of a streamed ball. It waits until nearly all of the first reads are answered: sources that turn out to be gone
 * are left out by a new plan, and the request is evaluated anew, until none is. So what is answered is the plan whose
 * bytes follow. A failure that led to a new plan is tried again with that, once: bytes may go on being others than
 * S3 tells.
 * Throws: whatever fails before the first byte. The chunks throw what answerBytes' do.
 */
export async function startDownload(
  context: DeliveryContext,
  ball: Ball,
  request: IdentifiedRequest,
  signal: AbortSignal,
): Promise<StartedDownload> {
  try {
    return await startPlanned(context, request, evaluateDownload(ball, request), signal);
  } catch (error) {
    const next = signal.aborted ? undefined : await ofPlanSince(context.store, ball, request);
    if (next === undefined) throw error;
    return await startPlanned(context, request, next, signal);
  }
}

async function startPlanned(
  context: DeliveryContext,
  request: IdentifiedRequest,
  planned: Download,
  signal: AbortSignal,
): Promise<StartedDownload> {
  for (let download = planned; ; ) {
    const range = rangeOf(download, request);
    if (range === undefined) return { ...download, chunks: undefined };
    const { reader, gone } = watchGone(context.reader);
    const { ball } = download;
    const { requestId } = request;
    const chunks = answerBytes({ ...context, reader, gone, ball, range, requestId, signal });
    const first = await chunks.next();
    if (!first.done) return { ...download, chunks: withFirst(first.value, chunks) };
    const replanned = await replanBall(context.store, ball, { gone, corrections: [] }, new Date());
    download = evaluateDownload(replanned.ball, request);
  }
}

/** The same request, of the plan that the ball came to since; undefined where there is none, or it can not be found. */
async function ofPlanSince(
  store: BallStore,
  { etag }: Ball,
  request: DownloadRequest,
): Promise<Download | undefined> {
  try {
    const present = await findBall(store, request.ballId, new Date());
    return present.etag === etag ? undefined : evaluateDownload(present, request);
  } catch {
    // What failed before is the one to report.
    return undefined;
  }
}

function rangeOf({ ball, evaluation }: Download, { method }: DownloadRequest): ByteRange | undefined {
  if (method === "HEAD") return undefined;
  if (evaluation.kind === "whole") return { start: 0, end: ball.lengthBytes };
  return evaluation.kind === "partial" ? evaluation.range : undefined;
}

/** All chunks, of which the first has been taken. Whoever stops asking ends them. */
async function* withFirst(
  first: Uint8Array,
  others: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield first;
    yield* others;
  } finally {
    await others.return();
  }
}

import type { Delivery, DeliveryRequest } from "./delivery.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import { describeDownload } from "./describe-download.ts";
import { type HandOutContext, handOutArchive } from "./hand-out-archive.ts";
import { findBall, streamedArchive } from "./open-download.ts";
import { startDownload } from "./start-download.ts";

/** What requests for balls are answered with. */
export type DownloadContext = DeliveryContext & HandOutContext;

/**
 * Decides what a request for a ball is answered with, and begins that.
 * Throws: BallError("ball-not-found"), BallError("ball-expired"); of a streamed ball whatever fails before the first byte,
 * and what handOutArchive does of an assembled one. `signal`: aborted when the reader is gone.
 */
export async function deliver(
  context: DownloadContext,
  request: DeliveryRequest,
  signal: AbortSignal,
): Promise<Delivery> {
  const ball = await findBall(context.store, request.ballId, context.clock.now());
  if (request.method === "HEAD") return await describeDownload(context.assemblies, ball, request);
  if (ball.delivery === "assemble") return await handOutArchive(context, ball, request, signal);
  const started = await startDownload(context, ball, request, signal);
  const judged = {
    fileName: request.fileName ?? ball.fileName,
    archive: streamedArchive(started.ball),
    evaluation: started.evaluation,
  };
  if (started.chunks === undefined) return { kind: "headers", ...judged };
  return { kind: "bytes", ...judged, chunks: started.chunks };
}

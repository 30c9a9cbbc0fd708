import type { Ball, BallStore } from "../ball/ball.ts";
import { BallError } from "../ball/errors.ts";
import { type Evaluation, evaluateRequest, type HeaderLookup } from "../http/evaluate-request.ts";

/** A request for a ball's archive. */
export interface DownloadRequest {
  readonly method: "GET" | "HEAD";
  readonly ballId: string;
  readonly header: HeaderLookup;
}

/** The ball that is asked for, and which bytes of it. */
export interface Download {
  readonly ball: Ball;
  readonly evaluation: Evaluation;
}

/**
 * Finds the ball and decides, from what is stored with it alone, how the request is answered: no source is read.
 * Throws: BallError("ball-not-found"), BallError("ball-expired").
 */
export async function openDownload(store: BallStore, request: DownloadRequest, now: Date): Promise<Download> {
  const ball = await store.get(request.ballId);
  if (ball === undefined) throw new BallError("ball-not-found", "There is no such ball");
  requireAlive(ball, now);
  return evaluateDownload(ball, request);
}

/** How a request is answered by the ball as it is at present. */
export function evaluateDownload(ball: Ball, { method, header }: DownloadRequest): Download {
  const evaluation = evaluateRequest(method, header, {
    lengthBytes: ball.lengthBytes,
    etag: ball.etag,
    lastModifiedEpochSeconds: ball.plannedAtEpochSeconds,
    isReplacement: ball.planNumber > 0,
  });
  return { ball, evaluation };
}

/** Throws: BallError("ball-expired"). */
export function requireAlive(ball: Ball, now: Date): void {
  if (now.getTime() < ball.expiresAtEpochSeconds * 1000) return;
  throw new BallError("ball-expired", "This link has expired; ask for a new one");
}

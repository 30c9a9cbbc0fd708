import type { Ball, BallStore } from "../ball/ball.ts";
import { BallError } from "../ball/errors.ts";
import {
  type Evaluation,
  evaluateRequest,
  type HeaderLookup,
  type Representation,
} from "../http/evaluate-request.ts";

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

/** The ball of that id. Throws: BallError("ball-not-found"), BallError("ball-expired"). */
export async function findBall(store: BallStore, ballId: string, now: Date): Promise<Ball> {
  const ball = await store.get(ballId);
  if (ball === undefined) throw new BallError("ball-not-found", "There is no such ball");
  requireAlive(ball, now);
  return ball;
}

/** How a request is answered by a streamed ball as it is at present, from what is stored with it alone: no source is read. */
export function evaluateDownload(ball: Ball, { method, header }: DownloadRequest): Download {
  return { ball, evaluation: evaluateRequest(method, header, streamedArchive(ball)) };
}

/** The archive of a streamed ball, by the validators that are told of it. */
export function streamedArchive(ball: Ball): Representation {
  return {
    lengthBytes: ball.lengthBytes,
    etag: ball.etag,
    lastModifiedEpochSeconds: ball.plannedAtEpochSeconds,
    isReplacement: ball.planNumber > 0,
  };
}

/** Throws: BallError("ball-expired"). */
export function requireAlive(ball: Ball, now: Date): void {
  if (now.getTime() < ball.expiresAtEpochSeconds * 1000) return;
  throw new BallError("ball-expired", "This link has expired; ask for a new one");
}

import type { Ball } from "../ball/ball.ts";

/**
 * Where in the bucket of archives an attempt keeps what it makes. Each attempt at each plan has a place of its own, so
 * that a worker who comes too late disturbs nobody, and what is left of one is found by its prefix.
 */
export function attemptPrefix({ ballId, etag }: Pick<Ball, "ballId" | "etag">, attempt: number): string {
  return `${ballId}/${etag.replaceAll('"', "")}/${attempt}/`;
}

/** Key of the archive. */
export function archiveKey(ball: Pick<Ball, "ballId" | "etag">, attempt: number): string {
  return `${attemptPrefix(ball, attempt)}archive.zip`;
}

/** Key of the object that a group of parts becomes in a plan of two levels. */
export function groupKey(ball: Pick<Ball, "ballId" | "etag">, attempt: number, group: number): string {
  return `${attemptPrefix(ball, attempt)}group-${group.toString().padStart(5, "0")}`;
}

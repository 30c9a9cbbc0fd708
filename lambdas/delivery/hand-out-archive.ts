import type { ArchiveLinks } from "../ball/archive-bucket.ts";
import type { AssemblyStore } from "../ball/assembly.ts";
import type { Ball } from "../ball/ball.ts";
import { formatAttachment } from "../http/attachment.ts";
import { type Delivery, type DeliveryRequest, lastTurn } from "./delivery.ts";
import { findArchive, judgeArchive, type MadeArchive } from "./find-archive.ts";
import { type HoldContext, holdUntilMade, notReady } from "./hold.ts";

/** What an assembled ball is handed out with. */
export interface HandOutContext extends HoldContext {
  readonly assemblies: Pick<AssemblyStore, "find" | "handOut">;
  readonly links: ArchiveLinks;
  /** How long a link to an archive works at most. */
  readonly linkSeconds: number;
}

/**
 * Answers GET of an assembled ball, whose download begins with it. While its archive is being made the request is held;
 * after that it is to come again, for its next turn or, behind the last one, later.
 * Throws: what holdUntilMade does; BallError("archive-unreadable") when no link can be made.
 */
export async function handOutArchive(
  context: HandOutContext,
  found: Ball,
  request: DeliveryRequest,
  signal: AbortSignal,
): Promise<Delivery> {
  const ball = await startedBall(context, found);
  const made = (await findArchive(context.assemblies, ball)) ?? (await holdUntilMade(context, ball, signal));
  if (made !== undefined) return await handOut(context, made, request);
  if (request.turn >= lastTurn) throw notReady(context);
  return { kind: "wait", turn: request.turn + 1 };
}

async function startedBall({ store, clock }: HandOutContext, ball: Ball): Promise<Ball> {
  if (ball.startedAtEpochSeconds !== undefined) return ball;
  return await store.start(ball, Math.floor(clock.now().getTime() / 1000));
}

/** A link of its own for every request, or an answer that needs none. */
async function handOut(
  { assemblies, links, linkSeconds, clock }: HandOutContext,
  { ball, assembly, archive }: MadeArchive,
  request: DeliveryRequest,
): Promise<Delivery> {
  const fileName = request.fileName ?? ball.fileName;
  const judged = judgeArchive(archive, request, fileName);
  const { kind } = judged.evaluation;
  if (kind !== "whole" && kind !== "partial") return { kind: "headers", ...judged };
  const nowEpochSeconds = Math.floor(clock.now().getTime() / 1000);
  const seconds = Math.min(linkSeconds, ball.expiresAtEpochSeconds - nowEpochSeconds);
  const link = await links.sign(archive.key, { contentDisposition: formatAttachment(fileName), seconds });
  if (assembly.handedOutAtEpochSeconds === undefined) await assemblies.handOut(ball, nowEpochSeconds);
  return { kind: "archive", link };
}

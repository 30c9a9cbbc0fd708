import type { Ball } from "../../lambdas/ball/ball.ts";
import type { Grant } from "../../lambdas/ball/grant.ts";
import { findBall } from "../../lambdas/delivery/open-download.ts";
import { readStatus } from "../../lambdas/delivery/read-status.ts";
import { startDownload } from "../../lambdas/delivery/start-download.ts";
import { entriesOf } from "../e2e/read-zip.ts";
import { ballOf } from "../support/manifests.ts";
import { MemoryAssemblies } from "../support/memory-assemblies.ts";
import { MemoryContents } from "../support/memory-contents.ts";
import { archiveOf, type Content, drain } from "./archive-of.ts";
import { MemoryBalls } from "./memory-balls.ts";

const grant: Grant = { tokenId: "token", bucket: "bucket", prefixes: [""], requestsPerMinute: 60 };

export interface GetOptions {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A ball of objects in memory, stored in memory, and requests for it. */
export async function memoryDownload(objects: readonly Content[], more: Partial<Ball> = {}) {
  const archive = archiveOf(objects);
  const nowEpochSeconds = Math.floor(Date.now() / 1000);
  const ball: Ball = {
    ...ballOf(archive.manifest),
    createdAtEpochSeconds: nowEpochSeconds,
    plannedAtEpochSeconds: nowEpochSeconds,
    expiresAtEpochSeconds: nowEpochSeconds + 3600,
    lengthBytes: archive.layout.lengthBytes,
    fileCount: objects.filter(({ name }) => !name?.endsWith("/")).length,
    ...more,
  };
  const store = new MemoryBalls();
  const contents = new MemoryContents();
  const assemblies = new MemoryAssemblies();
  await store.put(ball, archive.manifest, archive.known);
  const context = { store, reader: archive.sources, contents };
  let requestCount = 0;
  const get = async (options: GetOptions = {}) => {
    const { method = "GET", headers = {}, signal = new AbortController().signal } = options;
    requestCount += 1;
    const header = (name: string) => headers[name];
    const request = { method, ballId: ball.ballId, header, requestId: `request-${requestCount}` };
    return startDownload(context, await findBall(store, ball.ballId, new Date()), request, signal);
  };
  const present = async () => {
    const found = await store.get(ball.ballId);
    if (found === undefined) throw new Error("The ball is gone");
    return found;
  };
  const status = (now = new Date()) => readStatus({ store, assemblies }, ball.ballId, grant, now);
  /** Puts another object in place of one. */
  const change = (name: string) => archive.sources.put(`in/${name}`, `another ${name}`);
  return { ...archive, ball, store, assemblies, contents, context, get, present, status, change };
}

type Started = Awaited<ReturnType<Awaited<ReturnType<typeof memoryDownload>>["get"]>>;

/** All of an answer that has bytes, and what it failed with behind its first one. */
export function bytesOf({ chunks }: Started) {
  if (chunks === undefined) throw new Error("There are no bytes in this answer");
  return drain(chunks);
}

/** Names and contents of a whole answer's entries, read by yauzl. */
export async function entriesOfAnswer(started: Started) {
  const { bytes, error } = await bytesOf(started);
  if (error !== undefined) throw error;
  const entries = await entriesOf(bytes);
  return entries.map(({ name, content }) => ({ name, content: `${content}` }));
}

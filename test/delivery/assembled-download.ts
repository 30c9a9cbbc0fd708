import type { LinkOptions } from "../../lambdas/ball/archive-bucket.ts";
import type { AssembledArchive } from "../../lambdas/ball/assembly.ts";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { deliver } from "../../lambdas/delivery/deliver.ts";
import type { Clock } from "../../lambdas/delivery/hold.ts";
import { MemoryAssemblies } from "../support/memory-assemblies.ts";
import { type GetOptions, memoryDownload } from "./memory-download.ts";

/** A clock that stands still but while somebody pauses, and what happens meanwhile. */
class TestClock implements Clock {
  /** What pauses there were, in milliseconds. */
  readonly pauses: number[] = [];
  /** Runs when a pause is over, with how many there were. */
  afterPause: (count: number) => Promise<unknown> | unknown = () => undefined;
  #nowMs = Date.now();

  /** How long all pauses were together. */
  get heldMs(): number {
    return this.pauses.reduce((sum, pauseMs) => sum + pauseMs, 0);
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  async pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#nowMs += milliseconds;
    this.pauses.push(milliseconds);
    await this.afterPause(this.pauses.length);
    signal.throwIfAborted();
  }
}

export interface AskOptions extends GetOptions {
  readonly fileName?: string;
  readonly turn?: number;
}

/** A ball that is assembled, stored in memory, and requests for it; nobody assembles it but the test. */
export async function assembledDownload(more: Partial<Ball> = {}) {
  const download = await memoryDownload([{ name: "a.txt", bytes: Buffer.from("a") }], {
    delivery: "assemble",
    ...more,
  });
  const { store, ball } = download;
  const assemblies = new MemoryAssemblies();
  const clock = new TestClock();
  const signed: (LinkOptions & { readonly key: string })[] = [];
  const links = {
    sign: async (key: string, options: LinkOptions) => {
      signed.push({ key, ...options });
      return `https://archives.example.com/${key}?signature=${signed.length}`;
    },
  };
  const limiter = { admit: async () => true };
  const context = {
    ...{ ...download.context, assemblies, links, linkSeconds: 900, limiter, clock, holdSeconds: 20 },
  };
  const ask = (options: AskOptions = {}, over: Partial<typeof context> = {}) => {
    const { method = "GET", headers = {}, signal = new AbortController().signal } = options;
    const { fileName, turn = 0 } = options;
    const header = (name: string) => headers[name];
    const request = { method, ballId: ball.ballId, header, requestId: "request", fileName, turn };
    return deliver({ ...context, ...over }, request, signal);
  };
  /** Ends the assembly of a plan with an archive. */
  const complete = async (of: Ball = ball, archive: Partial<AssembledArchive> = {}) => {
    await begin(of);
    await assemblies.complete(of, 1, { ...archiveOf(of), ...archive });
  };
  const begin = (of: Ball = ball) =>
    assemblies.begin(of, { attempt: 1, uploadId: "upload", groupCount: 2, begunAtEpochSeconds: 1 });
  return { ball, store, manifest: download.manifest, assemblies, clock, signed, ask, begin, complete };
}

/** The archive of a ball as S3 might have it. */
export function archiveOf(ball: Ball): AssembledArchive {
  return {
    key: `${ball.ballId}/plan/1/archive.zip`,
    etag: '"5d41402a-2"',
    lengthBytes: ball.lengthBytes,
    lastModifiedEpochSeconds: Date.UTC(2026, 10, 22, 12) / 1000,
  };
}

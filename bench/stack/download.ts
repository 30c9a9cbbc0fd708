import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { DiscardingSink } from "../discarding-sink.ts";

export interface Downloaded {
  readonly lengthBytes: number;
  readonly seconds: number;
  readonly isWhole: boolean;
}

/** Reads a link to its end as fast as it comes. Throws: when it is not answered with 200, or its connection breaks. */
export async function downloadFast(link: string, entryCount: number): Promise<Downloaded> {
  const startedAt = performance.now();
  const response = await open(link);
  const sink = new DiscardingSink();
  await pipeline(response, sink);
  const { lengthBytes } = sink;
  const isWhole = sink.endsAsZipOf(entryCount) && String(lengthBytes) === response.headers["content-length"];
  return { lengthBytes, seconds: (performance.now() - startedAt) / 1000, isWhole };
}

export interface SlowReading {
  readonly bytesPerSecond: number;
  readonly seconds: number;
}

/** Reads a link at a pace for some time and leaves. Resolves with the bytes that were read. */
export async function downloadSlowly(
  link: string,
  { bytesPerSecond, seconds }: SlowReading,
): Promise<number> {
  const response = await open(link);
  const startedAt = performance.now();
  let lengthBytes = 0;
  for await (const chunk of response) {
    lengthBytes += chunk.length;
    const aheadMs = (lengthBytes / bytesPerSecond) * 1000 - (performance.now() - startedAt);
    if (aheadMs > 0) await delay(aheadMs);
    // Leaving the loop breaks the connection.
    if (performance.now() - startedAt > seconds * 1000) break;
  }
  return lengthBytes;
}

async function open(link: string): Promise<IncomingMessage> {
  const [response] = await once(get(link, { agent: false }), "response");
  if (response.statusCode === 200) return response;
  throw new Error(`The link answers ${response.statusCode}`);
}

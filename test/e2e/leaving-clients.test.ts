import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Server } from "node:http";
import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import pMap from "p-map";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { openResponse } from "./broken-download.ts";
import { startQuietStack } from "./quiet-stack.ts";
import { type S3Requests, watchS3 } from "./s3-requests.ts";
import { patternBytes, type TestStack } from "./test-stack.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
/** Clients at a time. */
const concurrency = 25;
/** More memory than this, of a thousand clients, would be something that each of them leaves. */
const mostKeptBytes = 4 * MiB;

let stack: TestStack;
const warnings: string[] = [];
/** The HTTP servers of this process, by port. */
const servers = new Map<number, Server>();

beforeAll(async () => {
  const onWarning = (warning: Error) => void warnings.push(`${warning.name}: ${warning.message}`);
  process.on("warning", onWarning);
  subscribe("http.server.request.start", noteServer);
  stack = await startQuietStack();
  return async () => {
    await stack.close();
    unsubscribe("http.server.request.start", noteServer);
    process.off("warning", onWarning);
  };
});

const requested = z.object({ server: z.instanceof(Server), socket: z.object({ localPort: z.number() }) });

/** Connections that are kept for the next request are soon given up, so that in the end there are none. */
function noteServer(message: unknown): void {
  const { server, socket } = requested.parse(message);
  server.keepAliveTimeout = 3000;
  servers.set(socket.localPort, server);
}

function connectionsTo(url: string): Promise<number> {
  const server = servers.get(Number(new URL(url).port));
  if (server === undefined) throw new Error(`Nothing was asked of ${url}`);
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

/** A client that leaves when it has a megabyte. */
async function readAndLeave(link: string): Promise<void> {
  const response = await openResponse(link);
  let receivedBytes = 0;
  for await (const chunk of response) {
    receivedBytes += chunk.length;
    if (receivedBytes >= 1_000_000) break;
  }
  expect(response.statusCode).toBe(200);
  expect(receivedBytes).toBeLessThan(Number(response.headers["content-length"]));
}

async function leave(link: string, clientCount: number, requests: S3Requests): Promise<void> {
  await pMap(Array.from({ length: clientCount }), () => readAndLeave(link), { concurrency });
  // What is asked of S3 is given up at once; only connections wait a while for another request.
  await expect.poll(() => requests.openCount, { timeout: 1000 }).toBe(0);
  await expect.poll(() => connectionsTo(stack.api), { timeout: 10_000 }).toBe(0);
  await expect.poll(() => connectionsTo(stack.s3Endpoint), { timeout: 10_000 }).toBe(0);
}

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Memory that is in use, once nothing more of it turns out to be garbage. */
async function keptBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let vainAttempts = 0; vainAttempts < 3; vainAttempts += 1) {
    collectGarbage();
    await turn();
    const { heapUsed, external } = process.memoryUsage();
    if (heapUsed + external < least - 64 * KiB) vainAttempts = 0;
    least = Math.min(least, heapUsed + external);
  }
  return least;
}

const timerCount = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

/** Timers that keep this process going, once those are over that are soon over. Vitest's polling would count its own. */
async function timersLeft(most: number): Promise<number> {
  const untilMs = performance.now() + 10_000;
  while (timerCount() > most && performance.now() < untilMs) await delay(50);
  return timerCount();
}

async function ballOf(folder: string, objectCount: number, objectBytes: number): Promise<string> {
  const numbers = Array.from({ length: objectCount }, (_, number) => number);
  const bodies = numbers.map((number) => [`${folder}/${number}.bin`, patternBytes(objectBytes, number)]);
  await stack.put(Object.fromEntries(bodies));
  return await stack.create([{ folder: `/${folder}` }]);
}

describe("clients that leave after a megabyte leave no connections, timers or memory:", () => {
  test.each([
    { clientCount: 950, what: "one large body", objectCount: 1, objectBytes: 5 * MiB },
    { clientCount: 50, what: "many small objects", objectCount: 1500, objectBytes: 10 * KiB },
  ])(
    "$clientCount of $what",
    async ({ clientCount, what, objectCount, objectBytes }) => {
      const link = await ballOf(what, objectCount, objectBytes);
      const requests = watchS3(stack.s3Endpoint);
      // Whatever is made once and kept is there behind the first of them.
      await leave(link, concurrency, requests);
      const before = { timerCount: timerCount(), keptBytes: await keptBytes() };
      await leave(link, clientCount, requests);
      expect(await timersLeft(before.timerCount)).toBeLessThanOrEqual(before.timerCount);
      expect(await keptBytes()).toBeLessThan(before.keptBytes + mostKeptBytes);
      expect(stack.failures).toEqual([]);
      expect(warnings).toEqual([]);
    },
    300_000,
  );
});

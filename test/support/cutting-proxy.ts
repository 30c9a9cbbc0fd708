import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { listenOnLoopback } from "../../local/loopback.ts";

/** Stands between a client and a server, and breaks what the server answers. */
export interface CuttingProxy {
  readonly endpoint: string;
  /** Lets so many bytes of the next answer pass and then closes the connection; again for every further call. */
  cutNextAnswerAt(bytes: number): void;
  /** Lets so many bytes of the next answer pass and then no more, but keeps the connection. */
  stallNextAnswerAt(bytes: number): void;
  /** How many answers have been cut. */
  readonly cutCount: () => number;
  /** Resolves when an answer is stalled. */
  stalled(): Promise<void>;
  /** Resolves when a client has closed a connection whose answer is stalled. */
  stalledClientLeft(): Promise<void>;
}

interface Interruption {
  readonly kind: "cut" | "stall";
  remainingBytes: number;
}

/** A proxy in front of `endpoint`, closed when its test is over. */
export async function startCuttingProxy(endpoint: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(endpoint);
  const planned: Interruption[] = [];
  const sockets = new Set<Socket>();
  const stalled = Promise.withResolvers<void>();
  const stalledLeft = Promise.withResolvers<void>();
  let cutCount = 0;

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined).once("close", () => sockets.delete(socket));
    }
    let isInterrupted = false;
    client.pipe(upstream);
    client.once("close", () => {
      upstream.destroy();
      if (isInterrupted) stalledLeft.resolve();
    });
    upstream.once("close", () => client.destroy());
    const interrupt = ({ kind, remainingBytes }: Interruption, bytes: Buffer) => {
      isInterrupted = true;
      if (kind === "cut") cutCount += 1;
      client.write(bytes.subarray(0, remainingBytes), () => {
        if (kind === "cut") upstream.destroy();
        else stalled.resolve();
      });
    };
    upstream.on("data", (bytes: Buffer) => {
      if (isInterrupted) return;
      const interruption = planned[0];
      if (interruption !== undefined && bytes.length >= interruption.remainingBytes) {
        planned.shift();
        interrupt(interruption, bytes);
        return;
      }
      if (interruption !== undefined) interruption.remainingBytes -= bytes.length;
      client.write(bytes);
    });
  });
  const proxyPort = await listenOnLoopback(server, 0);
  onTestFinished(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, "close");
  });
  return {
    endpoint: `http://127.0.0.1:${proxyPort}`,
    cutNextAnswerAt: (bytes) => planned.push({ kind: "cut", remainingBytes: bytes }),
    stallNextAnswerAt: (bytes) => planned.push({ kind: "stall", remainingBytes: bytes }),
    cutCount: () => cutCount,
    stalled: () => stalled.promise,
    stalledClientLeft: () => stalledLeft.promise,
  };
}

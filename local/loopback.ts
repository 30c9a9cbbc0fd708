import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { StartProblem } from "./start-problem.ts";

/** Listens on 127.0.0.1 only; `port` 0 takes a free one. Returns the port. Throws: EADDRINUSE, EACCES. */
export async function listenOnLoopback(server: Server, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return portOf(server);
}

/** Stops listening and breaks every connection, also one under way. */
export async function closeServer(server: HttpServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** The port a server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("The server does not listen on a port");
  return address.port;
}

/** A port that is kept from others until it is released, for a server that can only listen later. */
export interface ReservedPort {
  readonly port: number;
  /** Releasing twice is releasing once. */
  release(): Promise<void>;
}

/** `port` 0 takes a free one. Throws: StartProblem when the port can not be had. */
export async function reservePort(port: number): Promise<ReservedPort> {
  // Who knocks meanwhile is turned away, so that releasing waits for nobody.
  const server = createServer((socket) => socket.destroy());
  try {
    const reserved = await listenOnLoopback(server, port);
    return { port: reserved, release: () => new Promise((resolve) => server.close(() => resolve())) };
  } catch (error) {
    throw portProblem(error, port);
  }
}

/**
 * Starts a server on the port that is wished for or, where another program has it, on a free one: clients read
 * from local.json where it is.
 */
export async function startNear<Started>(
  port: number,
  start: (port: number) => Promise<Started>,
): Promise<Started> {
  if (port > maxPort) return await start(0);
  try {
    return await start(port);
  } catch (error) {
    if (port !== 0 && isPortTaken(error)) return await start(0);
    throw error;
  }
}

/** The error in words for whoever chose the port; an error that is not about a port as it is. */
export function portProblem(error: unknown, port: number): unknown {
  if (!isPortTaken(error)) return error;
  const reason = error.code === "EACCES" ? "may not be used by this user" : "is in use by another program";
  return new StartProblem(`Port ${port} ${reason}; choose another one with --port`, { cause: error });
}

function isPortTaken(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && ["EADDRINUSE", "EACCES"].includes(String(error.code));
}

const maxPort = 65_535;

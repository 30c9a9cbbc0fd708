import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { listenOnLoopback } from "../../local/loopback.ts";
import { serveConnection } from "./faulty-proxy-connection.ts";
import type { Fault, Refusal } from "./faulty-proxy-faults.ts";
import { type Head, type ObjectGet, objectGetOf } from "./faulty-proxy-messages.ts";

/** Stands between a client and an S3, and lets go wrong what it is told to. */
export interface FaultyProxy {
  readonly endpoint: string;
  /** Says what goes wrong with a request for an object's bytes; any other passes. May be set anew at any time. */
  choose: (get: ObjectGet) => Fault | undefined;
  /** Requests for objects' bytes, in the order of arrival. */
  readonly gets: readonly ObjectGet[];
  /** What went wrong, in order. */
  readonly injected: readonly Injected[];
  /** Resets all connections of clients, whatever passes. */
  resetAll(): void;
  /** Connections of clients. */
  readonly openCount: () => number;
  close(): Promise<void>;
}

interface Injected {
  readonly get: ObjectGet;
  readonly fault: string;
}

/** A proxy in front of `endpoint`, which may be known only when the first connection comes. */
export async function startFaultyProxy(endpoint: string | (() => string)): Promise<FaultyProxy> {
  const clients = new Set<Socket>();
  const gets: ObjectGet[] = [];
  const injected: Injected[] = [];
  let reopening: NodeJS.Timeout | undefined;

  const faultOf = (request: Head): Fault | undefined => {
    const get = objectGetOf(request, gets.length + 1);
    if (get === undefined) return undefined;
    gets.push(get);
    const fault = proxy.choose(get);
    if (fault !== undefined) injected.push({ get, fault: fault.name });
    return fault;
  };
  const resetAll = () => {
    for (const client of clients) client.resetAndDestroy();
  };
  /** As when a server is started anew: nothing that was connected stays so. */
  const refuse = ({ reopenAfterMs }: Refusal) => {
    if (!server.listening) return;
    server.close();
    resetAll();
    if (reopenAfterMs !== undefined)
      reopening = setTimeout(() => server.listen(port, "127.0.0.1"), reopenAfterMs);
  };
  const server = createServer((client) => {
    clients.add(client);
    client.once("close", () => clients.delete(client));
    const manners = { endpoint: typeof endpoint === "string" ? endpoint : endpoint(), faultOf, refuse };
    // One that broke elsewhere is over.
    serveConnection(client, manners).catch(() => client.destroy());
  });
  const port = await listenOnLoopback(server, 0);
  const proxy: FaultyProxy = {
    endpoint: `http://127.0.0.1:${port}`,
    choose: () => undefined,
    ...{ gets, injected, resetAll },
    openCount: () => clients.size,
    close: async () => {
      clearTimeout(reopening);
      for (const client of clients) client.destroy();
      if (server.listening) await once(server.close(), "close");
    },
  };
  return proxy;
}

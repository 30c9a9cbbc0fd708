import dynalite from "dynalite";
import { letDynaliteCloseIterators } from "./close-iterators.ts";
import type { EmbeddedServer } from "./embedded-server.ts";
import { closeServer, listenOnLoopback } from "./loopback.ts";
import { refuseWebPages } from "./refuse-web-pages.ts";

/**
 * DynamoDB on 127.0.0.1 (dynalite), its tables kept in `folder`. It has no UpdateTimeToLive and deletes nothing by
 * itself: whoever reads an item checks its expiry.
 * Throws: EADDRINUSE.
 */
export async function startLocalDynamodb(options: { folder: string; port: number }): Promise<EmbeddedServer> {
  letDynaliteCloseIterators();
  const server = dynalite({ path: options.folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const port = await listenOnLoopback(server, options.port);
  // dynalite asks nobody for a signature, and allows every origin.
  refuseWebPages(server, port);
  return { endpoint: `http://127.0.0.1:${port}`, close: () => closeServer(server) };
}

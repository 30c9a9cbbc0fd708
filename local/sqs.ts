import { buildApp } from "fauxqs";
import type { EmbeddedServer } from "./embedded-server.ts";
import { portOf } from "./loopback.ts";

/**
 * SQS on 127.0.0.1 (fauxqs). Built and bound here, because its own start function binds every interface. Queues
 * and messages live in memory: only that start function can keep them.
 * Throws: EADDRINUSE.
 */
export async function startLocalSqs(options: { region: string; port: number }): Promise<EmbeddedServer> {
  const app = buildApp({ logger: false, defaultRegion: options.region });
  await app.listen({ host: "127.0.0.1", port: options.port });
  return {
    endpoint: `http://127.0.0.1:${portOf(app.server)}`,
    close: async () => {
      await app.close();
    },
  };
}

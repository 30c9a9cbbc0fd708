import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { z } from "zod";
import { listenOnLoopback } from "../../local/loopback.ts";
import { answerWith, inputOf } from "../child.ts";

/** Run by stream.ts: a proxy that hands every request on late, as a distant S3 would answer it. */

const { endpoint, delayMs } = inputOf(z.object({ endpoint: z.url(), delayMs: z.number().nonnegative() }));
const { hostname, port: originPort } = new URL(endpoint);
const agent = new Agent({ keepAlive: true });

const server = createServer({ keepAliveTimeout: 120_000 }, (incoming, response) => {
  setTimeout(() => handOn(incoming, response), delayMs);
});
const port = await listenOnLoopback(server, 0);
process.once("disconnect", () => process.exit());
answerWith({ endpoint: `http://127.0.0.1:${port}` });

/** The Host header stays what the client has signed. */
function handOn(incoming: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url } = incoming;
  const target = { hostname, port: originPort, path: url, method, headers, agent };
  const onward = request(target, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    pipeline(answer, response, () => undefined);
  });
  onward.on("error", () => response.destroy());
  pipeline(incoming, onward, () => undefined);
}
